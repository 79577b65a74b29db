import { useEffect, useMemo, useState } from "react";
import type { Search } from "@/app/search";
import { useTranslation } from "@/i18n";
import { fen } from "@/shared/money";
import { plainName } from "@/shared/RecordName";
import { NoResult, QueryView, Skeleton } from "@/shared/StateView";
import { usePages } from "@/shared/usePages";
import { added, type Figure, type Line, type Page, read } from "../rows";
import { Caliber } from "./Caliber";
import { Head } from "./Head";
import { Lines } from "./Lines";
import type { Amount } from "./PartsBar";

const MOST = 3000;

/** The figure and every row of it. */
export function Rows({ name, query, onKnown }: { name: Figure; query: Search; onKnown: (at: string) => void }) {
  const { t } = useTranslation("drill");
  const [marked, setMarked] = useState<string | null>(null);
  const pages = usePages<Line, Page>(["rows", name, query], (asked) => read(name, { ...query, ...asked } as never), 200);
  const { first, rows, query: found } = pages;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && rows.length < MOST) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, rows.length]);
  useEffect(() => {
    if (first) onKnown(first.known_at);
  }, [first, onKnown]);
  const parts = useMemo(() => partsOf(rows), [rows]);
  return (
    <QueryView query={found as never} skeleton={<Skeleton rows={12} columns={6} />}>
      {() => first && (
        <>
          <Head name={name} total={first.total} proof={hasNextPage ? null : added(rows)} read={rows.length} parts={parts} marked={marked} onMark={setMarked} />
          {rows.length ? (
            <Lines name={name} rows={rows} page={first} hasMore={hasNextPage} marked={marked} onHover={setMarked} />
          ) : (
            <NoResult text={t("nothing")} />
          )}
          <Caliber name={name} caliber={first.caliber} scope={first.scope} />
        </>
      )}
    </QueryView>
  );
}

/** Returns the agreements or projects that the rows are of. */
function partsOf(rows: readonly Line[]): Amount[] {
  const parts = new Map<string, Amount>();
  for (const row of rows) {
    if (!row.amount) continue;
    const key = row.deal ?? row.project.code;
    const amount = (parts.get(key)?.amount ?? 0n) + fen(row.amount);
    parts.set(key, { key, name: plainName(row.project.name ?? row.project.code), amount });
  }
  return [...parts.values()];
}
