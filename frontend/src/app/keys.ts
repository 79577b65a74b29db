/** Keys of a page. They do nothing while something is typed; `?` lists those in force. */
import { useEffect, useSyncExternalStore } from "react";

export interface Key {
  /** As `KeyboardEvent.key` names it, such as `F`, `/` or `ArrowDown`; case does not matter. */
  key: string;
  does: string;
  run: () => void;
}

let layers: (readonly Key[])[] = [];
const listeners = new Set<() => void>();

function change(next: (readonly Key[])[]): void {
  layers = next;
  for (const listener of listeners) listener();
}

export function useKeys(keys: readonly Key[]): void {
  useEffect(() => {
    change([...layers, keys]);
    return () => change(layers.filter((layer) => layer !== keys));
  }, [keys]);
}

export function useKeysInForce(): readonly Key[] {
  const found = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => layers,
  );
  return found.flat();
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Keys that the thing in focus has for itself: Enter on a button or link, arrows in a choice, all in an open list. */
function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("[role=menu], [role=listbox], [role=tablist]")) return true;
  if (target instanceof HTMLInputElement && target.type === "radio" && key.startsWith("Arrow")) return true;
  return (key === "Enter" || key === " ") && target.closest("button, a[href], summary, [role=button]") !== null;
}

window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || isTaken(event.target, event.key)) return;
  // A dialog has the keys for itself.
  if (document.querySelector(".ant-modal-wrap:not([style*='display: none']), .ant-drawer-open")) return;
  const found = layers.flat().findLast((key) => key.key.toLowerCase() === event.key.toLowerCase());
  if (found) {
    event.preventDefault();
    found.run();
  }
});
