// Runs axe over each dialog that has come to rest, once for each title on a page, and tells what is grave.
(() => {
  const REST_MS = 200;
  const read = new Set();
  let timer;
  let running = Promise.resolve();

  function nameOf(dialog) {
    const title = document.getElementById(dialog.getAttribute("aria-labelledby"));
    return dialog.getAttribute("aria-label") ?? title?.textContent ?? "";
  }

  async function grave(dialog) {
    if (!dialog.isConnected) return [];
    const { violations } = await axe.run(dialog, { resultTypes: ["violations"] });
    return violations
      .filter((one) => ["serious", "critical"].includes(one.impact))
      .flatMap((one) => one.nodes.map((node) => `axe: ${one.id} in «${nameOf(dialog)}»: ${node.html} ${node.failureSummary}`));
  }

  async function check(dialog) {
    // The journey goes on meanwhile: a list that is just being opened or closed is named while it is not there. What is
    // grave stays so.
    let found = await grave(dialog);
    for (let again = 0; again < 3 && found.length; again++) {
      await new Promise((done) => setTimeout(done, REST_MS));
      const still = await grave(dialog);
      found = found.filter((one) => still.includes(one));
    }
    if (found.length) await tellFaults(found);
    dialog.dataset.read = "";
  }

  function look() {
    for (const dialog of document.querySelectorAll("[role=dialog], [role=alertdialog]")) {
      const name = nameOf(dialog);
      const isAtRest = dialog.checkVisibility() && !dialog.querySelector("[aria-busy=true]");
      if (!isAtRest || read.has(name)) continue;
      read.add(name);
      running = running.then(() => check(dialog));
    }
  }

  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(look, REST_MS);
  }).observe(document, { childList: true, subtree: true, attributes: true });
})();
