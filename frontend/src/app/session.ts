/** Whether somebody is signed in, known by all tabs of the browser. */
import { useSyncExternalStore } from "react";
import { api, setCsrfToken } from "@/api/client";
import { Problem } from "@/api/problems";

interface State {
  /** The session ended while the page was open: sign-in opens over it. */
  hasEnded: boolean;
  isOnline: boolean;
  /** When the service was last reached. */
  reachedAt: number;
}

type Message = { kind: "out" } | { kind: "in"; user: string };

let state: State = { hasEnded: false, isOnline: true, reachedAt: Date.now() };
let user = "";
const listeners = new Set<() => void>();
const returned = new Set<() => void>();
const tabs = new BroadcastChannel("five-ones");

function set(change: Partial<State>): void {
  const before = state;
  state = { ...state, ...change };
  for (const listener of listeners) listener();
  if ((before.hasEnded && !state.hasEnded) || (!before.isOnline && state.isOnline)) for (const ask of returned) ask();
}

export const session = {
  end: () => {
    if (!state.hasEnded) set({ hasEnded: true });
  },
  setOnline: (isOnline: boolean) => {
    const reachedAt = isOnline ? Date.now() : state.reachedAt;
    if (isOnline !== state.isOnline) set({ isOnline, reachedAt });
    else state.reachedAt = reachedAt;
  },

  /** Calls back whenever what is shown may be old: the line is there again, or the person has signed in again. */
  onReturn(ask: () => void): () => void {
    returned.add(ask);
    return () => returned.delete(ask);
  },

  /** Reads the session of this browser and its token against forged requests. Throws Problem 401 where there is none. */
  async read() {
    const { data } = await api.GET("/api/v1/session");
    setCsrfToken(data!.csrf_token);
    return data!;
  },

  /** Says who uses this tab; tells the other tabs, which give way where it is somebody else. */
  belongsTo(id: string): void {
    user = id;
    forgetDrafts((key) => !key.startsWith(drafts.key("")));
    tabs.postMessage({ kind: "in", user: id } satisfies Message);
    set({ hasEnded: false });
  },

  get user() {
    return user;
  },

  /** Gives the page over to another person, who has signed in over it: it is opened anew. */
  giveWay(): void {
    leave("/");
  },

  /** Throws Offline where the service is not reached: the person is still signed in then. */
  async signOut(): Promise<void> {
    await api.DELETE("/api/v1/session").catch((error: unknown) => {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
    });
    tabs.postMessage({ kind: "out" } satisfies Message);
    leave();
  },
};

tabs.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.kind === "out") leave();
  else if (user && data.user !== user) leave("/");
  // The same person, perhaps with a new session: this tab writes with its token from now on.
  else if (user) void session.read().then(() => set({ hasEnded: false }), () => undefined);
};

window.addEventListener("offline", () => session.setOnline(false));
// A page that the browser kept for its «back» button may be of a person who has signed out since.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

/** Leaves nothing of the person behind: drafts go, and the page with everything it has read. */
function leave(to = "/login"): void {
  forgetDrafts();
  location.replace(to);
}

const DRAFT = "five-ones.draft.";

/** Forms keep what was typed under the user's id; another person on this machine is never offered it. */
export const drafts = {
  key: (form: string) => `${DRAFT}${user}.${form}`,
  read: (form: string): unknown => JSON.parse(sessionStorage.getItem(drafts.key(form)) ?? "null"),
  keep: (form: string, values: unknown) => sessionStorage.setItem(drafts.key(form), JSON.stringify(values)),
  drop: (form: string) => sessionStorage.removeItem(drafts.key(form)),
  /** Whether this user has typed something that is not saved. */
  any: () => drafts.count() > 0,
  count: () => Object.keys(sessionStorage).filter((key) => key.startsWith(`${DRAFT}${user}.`)).length,
};

function forgetDrafts(which: (key: string) => boolean = () => true): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(DRAFT) && which(key)) sessionStorage.removeItem(key);
}

export function useSessionState(): State {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}
