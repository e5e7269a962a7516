import { mount } from "svelte";
import { leave, load } from "../shared/request.js";
import Consent from "./Consent.svelte";
import Problem from "./Problem.svelte";

const { state, ...request } = await load();
const target = document.getElementById("app");
if (state === "done") {
  leave(request.redirect_to);
} else {
  target.replaceChildren();
  if (state === "ask") mount(Consent, { target, props: { request } });
  else mount(Problem, { target });
}
