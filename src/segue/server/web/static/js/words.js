// Words in the language of the page. English stands in the code; the others come as a script of
// their own (see speaking.py). Placeholders are written %(name)s, a plain per cent sign %%.

const language = document.documentElement.lang || "en";
const known = self.segueWords ?? {};
// made when first needed: a page that counts nothing opens the sooner
const lazily = (make, made = null) => () => (made ??= make());
const number = lazily(() => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }));
const plural = lazily(() => new Intl.PluralRules(language));
const order = lazily(() => {
  const forms = plural().resolvedOptions().pluralCategories;
  return ["zero", "one", "two", "few", "many", "other"].filter((form) => forms.includes(form));
});

const filled = (text, values) =>
  text.replace(/%(?:%|\((\w+)\)s)/g, (whole, name) => (name ? String(values[name] ?? "") : "%"));

export const grouped = (n) => number().format(n);

export function _(message, values = {}) {
  return filled(known[message]?.[0] || message, values);
}

export function pgettext(context, message, values = {}) {
  return filled(known[`${context}\u0004${message}`]?.[0] || message, values);
}

export function ngettext(one, many, n, values = {}) {
  const translated = known[one]?.[order().indexOf(plural().select(n))];
  return filled(translated || (n === 1 ? one : many), { n: grouped(n), ...values });
}
