import { createRoot } from "react-dom/client";
import { BrowserRouter, Route, Routes } from "react-router";
import { leave, load } from "../shared/request.js";
import { Consent, Problem } from "../shared/view.jsx";

const { state, ...request } = await load();
if (state === "done") {
  leave(request.redirect_to);
} else {
  createRoot(document.getElementById("app")).render(
    <BrowserRouter>
      <Routes>
        <Route
          path="/consent/:challenge"
          element={state === "ask" ? <Consent request={request} /> : <Problem />}
        />
        <Route path="*" element={<Problem />} />
      </Routes>
    </BrowserRouter>,
  );
}
