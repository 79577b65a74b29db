import { api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { type SheetField, SheetForm, type Values } from "@/shared/forms/SheetForm";
import { usePeriodName } from "@/shared/PeriodControls";
import { firstDay, GRAINS, periodsOf } from "@/shared/periods";
import { toast } from "@/shared/toast";

type Figure = Schemas["PublishedRead"];

interface Props {
  /** The period of the page. */
  period: string;
  /** The figure that was published anew; none for one that is entered for the first time. */
  before: Figure | null;
  onClose: () => void;
}

/** Enters a published figure, or one that was published again. What was said before stays and is compared no more. */
export function FigureForm({ period, before, onClose }: Props) {
  const { t } = useTranslation("published");
  const { label, labels } = useMeta();
  const today = useToday();
  const name = usePeriodName();
  const periods = [...GRAINS]
    .reverse()
    .flatMap((grain) => periodsOf(period.slice(0, 4), grain))
    .filter((one) => firstDay(one) <= today);
  const identity: SheetField[] = [
    { kind: "choice", name: "kind", label: t("kind"), required: true, options: labels("PublishedKind").map((one) => ({ value: one.code, label: said(one) })) },
    { kind: "choice", name: "period", label: t("period"), hint: t("periodHint"), required: true, options: periods.map((one) => ({ value: one, label: name(one) })) },
    { kind: "amount", name: "min_planned_total", label: t("least"), hint: t("leastHint"), when: (values) => values.kind === "started_or_resumed" },
    { kind: "text", name: "reference", label: t("reference"), maxLength: 40 },
  ];
  const values: SheetField[] = [
    { kind: "number", name: "count", label: t("count"), min: 0, max: 1_000_000, hint: t("numbersHint") },
    { kind: "amount", name: "amount", label: t("amount") },
    { kind: "amount", name: "planned_this_year", label: t("thisYear") },
    { kind: "amount", name: "precision", label: t("precision"), hint: t("precisionHint") },
    { kind: "text", name: "source", label: t("source"), required: true },
    { kind: "day", name: "published_on", label: t("publishedOn"), max: today },
    { kind: "area", name: "caliber", label: t("caliber") },
    { kind: "area", name: "explanation", label: t("explanation") },
    { kind: "area", name: "explanation_en", label: t("explanationEn") },
  ];
  const initial = before ? Object.fromEntries(values.map(({ name: key }) => [key, before[key as keyof Figure]])) : { kind: "signings", period };
  const send = (body: Values, headers: { "Idempotency-Key": string }) =>
    before
      ? api.POST("/api/v1/published-figures/{figure_id}/supersession", {
          params: { path: { figure_id: before.id } },
          body: body as Schemas["PublishedSupersede"],
          headers,
        })
      : api.POST("/api/v1/published-figures", { body: body as Schemas["PublishedCreate"], headers });
  return (
    <SheetForm<Figure>
      open
      onClose={onClose}
      title={before ? t("supersedeTitle", { what: said(label("PublishedKind", before.kind)), period: name(before.period) }) : t("enter")}
      note={t(before ? "supersedeNote" : "enterNote")}
      fields={before ? values : [...identity, ...values]}
      initial={initial}
      submit={t(before ? "supersede" : "enterSubmit")}
      draft={`published.${before?.id ?? "new"}`}
      act={(body, _, { headers }) => send(body, headers)}
      onDone={() => toast(t("entered"))}
    />
  );
}
