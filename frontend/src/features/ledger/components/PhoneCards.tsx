/** The rows as cards, for a phone. */
import { type ReactNode, useEffect, useRef } from "react";
import type { Schemas } from "@/api/client";
import { shortNameOf, useTranslation } from "@/i18n";
import { ShareBar } from "@/shared/ClockLine";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { Skeleton } from "@/shared/StateView";
import { StageTag } from "@/shared/StageTag";
import { Strokes } from "@/shared/Strokes";
import { To } from "@/shared/To";
import type { Row } from "../api";
import { Due } from "./columns";
import { Foot } from "./Foot";
import css from "./cards.module.css";

interface Props {
  rows: readonly Row[];
  first?: Schemas["ProjectList"];
  isLoading: boolean;
  onEnd: () => void;
  nothing: ReactNode;
}

export function PhoneCards({ rows, first, isLoading, onEnd, nothing }: Props) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current) return;
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && onEnd(), { rootMargin: "800px" });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [onEnd]);
  if (isLoading) return <Skeleton rows={8} columns={1} />;
  if (rows.length === 0) return nothing;
  return (
    <>
      {first && (
        <div className={css.sum}>
          <Foot list={first} />
        </div>
      )}
      <ul className={css.cards}>
        {rows.map((row) => (
          <li key={row.id}>
            <ProjectCard row={row} />
          </li>
        ))}
      </ul>
      <div ref={end} />
    </>
  );
}

function ProjectCard({ row }: { row: Row }) {
  const { t } = useTranslation("ledger");
  return (
    <To href={`/projects/${row.id}`} className={`${css.card} ${row.is_overdue ? css.over : ""}`}>
      <span className={css.line}>
        <span className={css.code}>{row.code}</span>
        <Strokes states={row.five_ones} />
      </span>
      <strong>
        <RecordName of={row} illustrative={row.is_illustrative} />
      </strong>
      <span className={css.line}>
        <span className={css.who}>
          {row.unit ? plainName(shortNameOf(row.unit)) : t("noUnit")}
          {" · "}
          {row.leader ? plainName(shortNameOf(row.leader)) : <em>{t("noLeader")}</em>}
        </span>
        <b>
          <Money yuan={row.planned_total} unit="yi" />
        </b>
      </span>
      <span className={css.line}>
        <StageTag stage={row.stage} />
        <Due row={row} />
      </span>
      {row.clock && <ShareBar share={row.clock.share} />}
    </To>
  );
}
