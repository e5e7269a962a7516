import { render } from "preact";
import { leave, load } from "../shared/request.js";
import { Consent, Problem } from "../shared/view.jsx";

const { state, ...request } = await load();
const app = document.getElementById("app");
if (state === "done") {
  leave(request.redirect_to);
} else {
  app.replaceChildren();
  render(state === "ask" ? <Consent request={request} /> : <Problem />, app);
}
