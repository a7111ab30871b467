// The query editor: Yasgui with what this service knows. Without this file the plain form does the same work.
(async () => {
  const place = document.getElementById("yasgui");
  const plain = document.getElementById("plain");
  const answer = document.getElementById("answer");
  const hints = await (await fetch("/sparql/hints.json")).json();
  const { Yasqe } = Yasgui;

  Yasqe.defaults.autocompleters = []; // those that come with it ask other hosts
  const lists = {
    prefixes: Object.entries(hints.prefixes).map(([name, iri]) => `${name}: <${iri}>`),
    class: hints.classes,
    property: hints.properties,
  };
  for (const [kind, list] of Object.entries(lists)) {
    Yasqe.forkAutocompleter(kind, { name: `release-${kind}`, bulk: true, persistenceId: null, get: () => list });
  }
  place.hidden = false; // the editor measures itself
  const yasgui = new Yasgui(place, {
    requestConfig: { endpoint: `${location.origin}/sparql`, method: "GET" },
    persistenceId: "bioimg-kg",
    autofocus: false,
    copyEndpointOnNewTab: false,
    populateFromUrl: false,
    endpointCatalogueOptions: { getData: () => [], keys: [], renderItem: () => undefined },
  });
  const write = (text) => {
    const tab = yasgui.getTab() ?? yasgui.addTab(true);
    tab.setQuery(text);
  };
  const field = plain.querySelector("textarea");
  const kept = yasgui.getTab()?.getQuery() ?? "";
  const fresh = !kept.trim() || kept === Yasqe.defaults.value;
  if (fresh || new URLSearchParams(location.search).has("query")) write(field.value);
  plain.open = false;
  yasgui.on("query", () => answer?.remove()); // the answer of the address is not that of what runs now

  // IRIs in answers lead to our pages about them, where we have some.
  const spaces = Object.values(hints.prefixes);
  const ours = (iri) => {
    const base = iri.match(/^https:\/\/w3id\.org\/bioimg-kg\/((id|graph|mappings)\/.+)$/);
    if (base) return `/${base[1]}`;
    return spaces.some((space) => iri.startsWith(space)) ? `/view?iri=${encodeURIComponent(iri)}` : null;
  };
  const lead = () => {
    for (const link of place.querySelectorAll("a.iri:not([data-iri])")) {
      link.dataset.iri = link.href;
      link.title = link.href;
      const there = ours(link.href);
      if (there) link.href = there;
    }
  };
  new MutationObserver(lead).observe(place, { childList: true, subtree: true });

  // Examples: found by word, and put into the editor.
  const examples = document.getElementById("examples");
  const find = document.getElementById("find-example");
  find.parentElement.hidden = false;
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/);
    for (const item of examples.children) {
      item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
    }
  });
  examples.addEventListener("click", (event) => {
    const name = event.target.closest("a")?.dataset.query;
    if (!hints.queries[name] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    write(hints.queries[name]);
    place.scrollIntoView({ block: "start" });
  });
})();
