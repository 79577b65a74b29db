/** Which columns of a list are shown, in which order and how wide: of the view that is open, else the person's own. */
import { useCallback, useMemo } from "react";
import { usePreference } from "@/app/preferences";
import type { Schemas } from "@/api/client";
import type { Column } from "@/shared/DataTable";

type Chosen = Schemas["ViewColumn"];

interface Options {
  /** The name of the list in the preferences. */
  list: string;
  /** The codes shown where nobody has chosen any. */
  initial: readonly string[];
  /** The view that is open: its columns hold until the person chooses others for it. */
  view?: Schemas["ViewRead"];
}

export interface Columns<Row> {
  shown: Column<Row>[];
  /** All columns: those shown in their order, then the others. */
  all: Column<Row>[];
  isShown: (code: string) => boolean;
  isOwn: boolean;
  /** As a view keeps them. */
  chosen: () => Chosen[];
  show: (codes: string[]) => void;
  resize: (code: string, width: number) => void;
  reset: () => void;
}

export function useColumns<Row>(columns: readonly Column<Row>[], { list, initial, view }: Options): Columns<Row> {
  const [kept, set] = usePreference<Record<string, Chosen[]>>(`columns.${list}`);
  const place = view?.id ?? "all";
  const own = kept?.[place];
  const chosen = own ?? (view?.columns.length ? view.columns : undefined) ?? kept?.all;
  const widths = useMemo(() => new Map((chosen ?? []).map((one) => [one.code, one.width])), [chosen]);
  const codes = useMemo(() => {
    const known = new Set(columns.map((one) => one.key));
    const wanted = (chosen?.map((one) => one.code) ?? [...initial]).filter((code) => known.has(code));
    const frozen = columns.filter((one) => one.frozen).map((one) => one.key);
    return [...frozen, ...wanted.filter((code) => !frozen.includes(code))];
  }, [columns, chosen, initial]);

  const all = useMemo(() => {
    const sized = columns.map((one) => {
      const width = widths.get(one.key);
      return width ? { ...one, width, grows: false } : one;
    });
    const shown = codes.map((code) => sized.find((one) => one.key === code)!);
    return [...shown, ...sized.filter((one) => !codes.includes(one.key))];
  }, [columns, codes, widths]);

  const keep = useCallback((next: Chosen[]) => set((now) => ({ ...now, [place]: next })), [set, place]);
  const asChosen = (code: string): Chosen => ({ code, width: widths.get(code) ?? null, pinned: columns.some((one) => one.key === code && one.frozen) });
  return {
    shown: all.slice(0, codes.length),
    all,
    isShown: (code) => codes.includes(code),
    isOwn: own !== undefined,
    chosen: () => codes.map(asChosen),
    show: (next) => keep(next.map(asChosen)),
    resize: (code, width) => keep(codes.map((one) => (one === code ? { ...asChosen(one), width } : asChosen(one)))),
    reset: () => set((now) => Object.fromEntries(Object.entries(now ?? {}).filter(([name]) => name !== place))),
  };
}
