/** «Add follow-up» is asked for from anywhere: the tabs of a phone, a card, a row, the key F. The sheet that answers is
 * of a feature, which registers itself. */
type Open = (projectId?: string) => void;

let open: Open | null = null;

export function openFollowUp(projectId?: string): void {
  open?.(projectId);
}

export function onFollowUp(handle: Open): () => void {
  open = handle;
  return () => {
    if (open === handle) open = null;
  };
}
