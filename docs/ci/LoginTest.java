import static org.junit.jupiter.api.Assertions.assertEquals;
import java.net.*;
import java.net.http.*;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

// Before: consent-backend --services services.toml --test-hooks --listen 127.0.0.1:8080
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = {
    "spring.security.oauth2.client.provider.consent.issuer-uri=http://127.0.0.1:8080",
    "spring.security.oauth2.client.registration.consent.client-id=shop",
    "spring.security.oauth2.client.registration.consent.client-secret=the-shop-s-secret",
    "spring.security.oauth2.client.registration.consent.scope=openid" })
class LoginTest {
    @LocalServerPort int port;
    final HttpClient browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    @Test void aPersonSignsUpWithoutAPage() throws Exception {
        send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:8080/__test/answer"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"answer\":\"required\"}")));
        String app = "http://localhost:" + port, start = app + "/oauth2/authorization/consent";
        String callback = get(get(start) + "&login_hint=hana");
        assertEquals("/", URI.create(get(callback)).getPath(), "on a failure it is /login");
    }
    String get(String uri) throws Exception { return send(HttpRequest.newBuilder(URI.create(uri))); }
    String send(HttpRequest.Builder request) throws Exception {
        var answer = browser.send(request.build(), HttpResponse.BodyHandlers.discarding());
        return answer.headers().firstValue("location").orElse("");
    }
}
