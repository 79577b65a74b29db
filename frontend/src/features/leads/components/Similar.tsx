import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { CircleAlert, Copy, Info } from "lucide-react";
import { useState } from "react";
import { queries, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { RecordName } from "@/shared/RecordName";
import { To } from "@/shared/To";
import { useDebounced } from "@/shared/useDebounced";
import css from "./similar.module.css";

type Candidate = Schemas["Candidate"];

const SHORTEST = 2;
const FIRST = 3;

/** What a lead may be a duplicate of, as its name is typed. It stops nothing. */
export function useSimilar(name: string, investorId: string | null, leadId?: string) {
  const asked = useDebounced(`${name.trim()}\n${investorId ?? ""}`);
  const [text = "", investor] = asked.split("\n");
  return queries.useQuery(
    "get",
    "/api/v1/duplicates/similar",
    { params: { query: { name: text || null, investor_id: investor || null, lead_id: leadId ?? null } } },
    { enabled: text.length >= SHORTEST || Boolean(investor), placeholderData: keepPreviousData, retry: false },
  );
}

interface ListProps {
  candidates: readonly Candidate[];
  title: string;
  text?: string;
  tone: "plain" | "warn" | "danger";
}

/** Records that may be the same, each with why; those out of scope as one sentence. */
export function Candidates({ candidates, title, text, tone }: ListProps) {
  const { t } = useTranslation("leads");
  const { label } = useMeta();
  const [isAll, setIsAll] = useState(false);
  // More would push the form out of sight.
  const shown = isAll || candidates.length <= FIRST + 1 ? candidates : candidates.slice(0, FIRST);
  const Icon = tone === "plain" ? Copy : tone === "warn" ? Info : CircleAlert;
  return (
    <section className={`${css.box} ${css[tone]}`} aria-live="polite">
      <h3>
        <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
        {title}
      </h3>
      {text && <p>{text}</p>}
      <ul>
        {shown.map((one, index) => (
          <li key={one.id ?? index}>
            {one.is_in_scope && one.id ? (
              <>
                <To href={one.kind === "lead" ? `/leads/${one.id}` : `/projects/${one.id}`} target="_blank" className={css.name}>
                  <RecordName of={{ name: one.name ?? "" }} />
                </To>
                <span className={css.why}>{one.likenesses?.map(said).join(t("common:listSeparator"))}</span>
                <span className={css.note}>
                  {[
                    one.kind && said(label("ProspectKind", one.kind)),
                    one.code,
                    one.unit && shortNameOf(one.unit),
                    one.status && said(label(one.kind === "lead" ? "LeadStatus" : "Status", one.status)),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </>
            ) : (
              <span>{said(one)}</span>
            )}
          </li>
        ))}
      </ul>
      {shown.length < candidates.length && (
        <Button type="link" size="small" onClick={() => setIsAll(true)}>
          {t("similarMore", { count: candidates.length - shown.length })}
        </Button>
      )}
    </section>
  );
}
