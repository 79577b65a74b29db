/** Who uses the page, what day it is for the office, and the dictionary of the service. */
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { queries, type Schemas } from "@/api/client";

type Me = Schemas["MyRead"];
type Meta = Schemas["Meta"];
export type Stage = Schemas["StageRead"];
export type Label = Schemas["Label"];
/** The enumerations of the API, by the names of their schemas. */
export type Enumeration = keyof Schemas | "SecurityEventType" | "OfficeEventType";

interface Who {
  me: Me;
  meta: ReturnType<typeof dictionaryOf>;
}

const Context = createContext<Who | null>(null);

export function WhoProvider({ value, children }: { value: { me: Me; meta: Meta }; children: ReactNode }) {
  // Asked again every ten minutes: the day changes while the page is open, and rights may.
  const me = useQuery({ ...queries.queryOptions("get", "/api/v1/me"), initialData: value.me, refetchInterval: 600_000 });
  const meta = useQuery({ ...queries.queryOptions("get", "/api/v1/meta"), initialData: value.meta, staleTime: 600_000 });
  const dictionary = useMemo(() => dictionaryOf(meta.data), [meta.data]);
  const who = useMemo(() => ({ me: me.data, meta: dictionary }), [me.data, dictionary]);
  return <Context value={who}>{children}</Context>;
}

export function useMe(): Me {
  const who = useContext(Context);
  if (!who) throw new Error("outside of WhoProvider");
  return who.me;
}

/** Returns the business day of the office, never the clock of this machine. */
export function useToday(): string {
  return useMe().today;
}

export function useMeta() {
  const who = useContext(Context);
  if (!who) throw new Error("outside of WhoProvider");
  return who.meta;
}

function dictionaryOf(meta: Meta) {
  const stages = new Map(meta.stages.map((stage) => [stage.code, stage]));
  const evidence = new Map(meta.evidence_kinds.map((kind) => [kind.code, kind]));
  const gates = new Map(meta.gates.map((gate) => [gate.code, gate]));
  return {
    meta,
    stages: meta.stages,
    stage: (code: string) => stages.get(code),
    evidenceKind: (code: string) => evidence.get(code),
    gate: (code: string) => gates.get(code),
    /** Returns the label of a value of an enumeration, such as `label("Status", "paused")`. */
    label: (kind: Enumeration, code: string): Label =>
      meta.labels[kind]?.find((label) => label.code === code) ?? { code, zh: code, en: code },
    labels: (kind: Enumeration): Label[] => meta.labels[kind] ?? [],
    /** Returns the label of a field of a record, such as `field("project", "land_area")`. */
    field: (record: string, code: string): Label =>
      meta.fields[record]?.find((label) => label.code === code) ?? { code, zh: code, en: code },
  };
}
