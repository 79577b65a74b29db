/** A word at the bottom of the page: only for what has succeeded, with its link or its undo. */
import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
  action?: { text: string; run: () => void };
}

let shown: Toast | null = null;
let timer = 0;
let count = 0;
const listeners = new Set<() => void>();

function set(next: Toast | null): void {
  shown = next;
  for (const listener of listeners) listener();
}

/** Shows the word; it takes the place of the one before. */
export function toast(text: string, action?: Toast["action"]): void {
  count += 1;
  set({ id: count, text, action });
  holdToast(false);
}

export function closeToast(): void {
  clearTimeout(timer);
  set(null);
}

/** While it is pointed at or focused it stays. */
export function holdToast(isHeld: boolean): void {
  clearTimeout(timer);
  if (!isHeld) timer = window.setTimeout(closeToast, shown?.action ? 10_000 : 5_000);
}

export function useToast(): Toast | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
