// The form of rules: each row shows only the fields that its rule has.

function settle(row) {
  const option = row.querySelector("select").selectedOptions[0];
  const { kind = "none", example = "" } = option?.dataset ?? {};
  const value = row.querySelector(".rule-value");
  const until = row.querySelector(".rule-until");
  value.hidden = kind === "none";
  until.hidden = kind !== "years";
  value.placeholder = example;
  value.inputMode = kind === "name" ? "text" : "numeric";
}

export function start(form) {
  const rows = form.querySelectorAll("[data-rule]");
  rows.forEach(settle);
  const changed = (event) => {
    const row = event.target.closest("[data-rule]");
    if (row) settle(row);
  };
  form.addEventListener("change", changed);
}
