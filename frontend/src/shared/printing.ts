/** Whether the page is being printed: then lists show all of their rows, not those in view. */
import { useSyncExternalStore } from "react";

const media = window.matchMedia("print");
let isAsked = false;

function subscribe(listener: () => void): () => void {
  const begin = () => {
    isAsked = true;
    listener();
  };
  const end = () => {
    isAsked = false;
    listener();
  };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
  media.addEventListener("change", listener);
  return () => {
    window.removeEventListener("beforeprint", begin);
    window.removeEventListener("afterprint", end);
    media.removeEventListener("change", listener);
  };
}

/** The page is drawn anew before the printer sees it: a change of this kind is never put off. */
export function useIsPrinting(): boolean {
  return useSyncExternalStore(subscribe, () => isAsked || media.matches);
}
