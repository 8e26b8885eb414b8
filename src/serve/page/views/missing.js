// An address that this page does not have.

import { h, put } from "../dom.js";
import { t } from "../i18n.js";

export async function open({ main, title }) {
  title(t("missing.title"));
  put(main, h("h1", { tabindex: "-1" }, t("missing.title")), h("p", {}, h("a", { href: "/" }, t("missing.back"))));
}
