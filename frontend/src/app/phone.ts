import { useSyncExternalStore } from "react";

const query = matchMedia("(max-width: 767px)");

/** Whether the page is shown on a phone: cards in place of tables, sheets in place of dialogs. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}
