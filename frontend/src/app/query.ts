import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { Offline, Problem } from "@/api/problems";
import { session } from "./session";

/** Whether asking again may help: a busy or unreachable service, or one that says when to come back. */
function mayHelp(error: Error): boolean {
  return error instanceof Offline || (error instanceof Problem && (error.status === 503 || error.status === 429));
}

function wait(attempt: number, error: Error): number {
  const asked = error instanceof Problem ? error.retryAfter : null;
  return asked ? asked * 1000 : Math.min(1000 * 2 ** attempt, 15_000);
}

function onError(error: Error): void {
  if (error instanceof Problem && error.status === 401) session.end();
  if (error instanceof Offline) session.setOnline(false);
  // Whoever refuses is there.
  if (error instanceof Problem) session.setOnline(true);
}

function onSuccess(): void {
  session.setOnline(true);
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError, onSuccess }),
  mutationCache: new MutationCache({ onError, onSuccess }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      networkMode: "always",
      retry: (count, error) => count < 3 && mayHelp(error),
      retryDelay: wait,
    },
    // A write is never sent again by itself: whoever sent it decides, under the same Idempotency-Key.
    // Nor is what was sent kept: it may be a password.
    mutations: { networkMode: "always", retry: false, gcTime: 0 },
  },
});

session.onReturn(() => void queryClient.invalidateQueries());
