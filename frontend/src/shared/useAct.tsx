/** Writes: each sends the version it read and, where it makes something, a key under which it is done once. */
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useRef } from "react";
import { ifMatch } from "@/api/client";
import { Offline, Problem } from "@/api/problems";
import { newKey } from "./ids";
import { type Mine, useStaleDialog } from "./StaleDialog";

export interface Sent {
  /** For `params.header` of operations that ask for the version read. */
  header: { "if-match": string };
  /** For `headers`: sent again after a lost line, the act is not done twice. */
  headers: { "Idempotency-Key": string };
}

interface Options<Input, Output> {
  act: (input: Input, sent: Sent) => Promise<{ data?: Output }>;
  /** The version the caller read; for acts on one record. A form sends the one it was opened on, though the page behind
   * it is read again: else it would write over what others changed unseen. */
  version?: (input: Input) => number;
  /** What the input would write, by the names of fields: shown beside what others wrote. */
  mine?: (input: Input) => Mine;
  /** Called with the present version where the reader has seen what others changed, and left it at that. */
  onSeen?: (version: number) => void;
  onDone?: (answer: Output, input: Input) => void;
  /** Returns whether the refusal was shown where it belongs, such as at a field or in the gate dialog. */
  onRefused?: (problem: Problem, input: Input) => boolean;
}

/** Returns a mutation. Success makes every page ask again for what it shows. A stale write opens the dialog that shows
 * both versions; choosing one's own sends it again over the version seen there. Other refusals are said in a message. */
export function useAct<Input, Output>({ act, version, mine, onSeen, onDone, onRefused }: Options<Input, Output>) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const openStale = useStaleDialog();
  const key = useRef<{ input: string; key: string } | null>(null);

  async function send(input: Input, read: number): Promise<Output> {
    // The same content sent again, such as after a lost line, is the same act.
    const text = JSON.stringify(input ?? null);
    if (key.current?.input !== text) key.current = { input: text, key: newKey() };
    const sent = { header: ifMatch(read), headers: { "Idempotency-Key": key.current.key } };
    const { data } = await act(input, sent);
    own.made(read, data);
    return data as Output;
  }

  return useMutation<Output, Error, Input>({
    mutationFn: async (input) => {
      const read = version?.(input) ?? 0;
      try {
        return await send(input, read);
      } catch (error) {
        const now = error instanceof Problem && error.status === 412 ? error.document.current_version : null;
        if (!now) throw error;
        const problem = error as Problem;
        const isOwn = own.latest((problem.document.current as Versioned | null)?.id, read) === now;
        if (!isOwn && !(await openStale(problem, mine?.(input) ?? null))) {
          onSeen?.(now);
          throw error;
        }
        key.current = null;
        return send(input, now);
      }
    },
    onSuccess: (answer, input) => {
      key.current = null;
      void readAgain(client);
      onDone?.(answer, input);
    },
    onError: (error, input) => {
      if (error instanceof Problem) {
        // Refused, it was not done; and what was sent, which may hold a password, is not kept.
        if (error.status < 500) key.current = null;
        // What was read is old: the page shows what there is now, and the form keeps what was typed.
        if (error.status === 412) void readAgain(client);
        if (error.status === 401 || error.status === 412) return;
        if (onRefused?.(error, input)) return;
        const fields = (error.document.errors ?? []).map((one) => one.detail).join(" ");
        void message.error(fields || error.document.detail, 6);
      } else if (!(error instanceof Offline)) throw error;
    },
  });
}

/** Reads again all that is shown. What was being read for the first time is asked for anew: its answer, still under way, may be
 * from before the write, and would count as fresh. */
async function readAgain(client: QueryClient): Promise<void> {
  await client.cancelQueries({ predicate: (query) => query.state.data === undefined });
  await client.invalidateQueries();
}

interface Versioned {
  id?: string;
  version?: number;
}

const made = new Map<string, number>();

/** The versions that this page itself has made of records: sent from a form that was opened before the page was read again, a
 * version may be old by one's own writes alone, and then nobody need be asked. */
const own = {
  made: (read: number, answer: unknown) => {
    const { id, version } = (answer ?? {}) as Versioned;
    if (read && id && version && version > read) made.set(`${id} ${read}`, version);
  },
  latest: (id: string | undefined, read: number): number => {
    const next = made.get(`${id} ${read}`);
    return next === undefined ? read : own.latest(id, next);
  },
};
