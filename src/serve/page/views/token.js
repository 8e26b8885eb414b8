// The field for the token that a server beyond loopback wants.

import { setToken, token } from "../api.js";
import { h, put } from "../dom.js";
import { t } from "../i18n.js";

/** Shows the field in `main`; `again()` is called when a token was given. */
export function open({ main, title }, again) {
  title(t("token.title"));
  const field = h("input", { type: "password", name: "token", autocomplete: "off", required: true, spellcheck: "false", dir: "ltr", "aria-describedby": "token-note" });
  const form = h("form", { class: "filters", action: "/" },
    h("label", { class: "grow" }, h("span", {}, t("token.label")), field),
    h("button", { type: "submit" }, t("token.go")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    setToken(field.value.trim());
    again();
  });
  const wasWrong = token() !== null;
  put(main, h("h1", { tabindex: "-1" }, t("token.title")),
    wasWrong ? h("p", { class: "problem", role: "alert" }, t("token.wrong")) : null,
    h("p", { id: "token-note" }, t("token.note")), form);
  field.focus();
}
