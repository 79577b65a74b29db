/** Writes: each sends the version it read and, where it makes something, a key under which it is done once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useRef } from "react";
import { ifMatch } from "@/api/client";
import { Offline, Problem } from "@/api/problems";
import { newKey } from "./ids";
import { useStaleDialog } from "./StaleDialog";

export interface Sent {
  /** For `params.header` of operations that ask for the version read. */
  header: { "if-match": string };
  /** For `headers`: sent again after a lost line, the act is not done twice. */
  headers: { "Idempotency-Key": string };
}

interface Options<Input, Output> {
  act: (input: Input, sent: Sent) => Promise<{ data?: Output }>;
  /** The version the caller read; for acts on one record. */
  version?: (input: Input) => number;
  onDone?: (answer: Output, input: Input) => void;
  /** Returns whether the refusal was shown where it belongs, such as at a field or in the gate dialog. */
  onRefused?: (problem: Problem, input: Input) => boolean;
}

/** Returns a mutation. Success makes every page ask again for what it shows. A stale write opens the dialog that shows
 * both versions; choosing one's own sends it again over the version seen there. Other refusals are said in a message. */
export function useAct<Input, Output>({ act, version, onDone, onRefused }: Options<Input, Output>) {
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
    return data as Output;
  }

  return useMutation<Output, Error, Input>({
    mutationFn: async (input) => {
      const read = version?.(input) ?? 0;
      try {
        return await send(input, read);
      } catch (error) {
        const isStale = error instanceof Problem && error.status === 412 && error.document.current_version;
        if (!isStale || !(await openStale(error.document))) throw error;
        key.current = null;
        return send(input, error.document.current_version!);
      }
    },
    onSuccess: (answer, input) => {
      key.current = null;
      void client.invalidateQueries();
      onDone?.(answer, input);
    },
    onError: (error, input) => {
      if (error instanceof Problem) {
        // Refused, it was not done; and what was sent, which may hold a password, is not kept.
        if (error.status < 500) key.current = null;
        if (error.status === 401 || error.status === 412) return;
        if (onRefused?.(error, input)) return;
        const fields = (error.document.errors ?? []).map((one) => one.detail).join(" ");
        void message.error(fields || error.document.detail, 6);
      } else if (!(error instanceof Offline)) throw error;
    },
  });
}
