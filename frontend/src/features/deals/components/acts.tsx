/** What may be done to an approved deal: each form shows what it would enter before it is sent. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Form, Input, Radio, Segmented, Select } from "antd";
import { answerOf, api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { DayField } from "@/shared/DayField";
import { FormSheet } from "@/shared/FormSheet";
import { EnumSelect, TaskForceSelect, UnitSelect } from "@/shared/forms/choosers";
import { IndustrySelect } from "@/shared/forms/IndustrySelect";
import { MoneyField } from "@/shared/MoneyField";
import { RefSelect } from "@/shared/RefSelect";
import { toast } from "@/shared/toast";
import { useDebounced } from "@/shared/useDebounced";
import type { Deal, Preview } from "../api";
import { correction, type CorrectValues, fated, given, wouldCorrect } from "../bodies";
import { ForeignFields } from "./ForeignFields";
import { PreviewView } from "./PreviewBox";
import css from "./drawer.module.css";

interface Props {
  deal: Deal;
  onClose: () => void;
}

type Read = Schemas["DealRead"];

interface WouldProps<Body> {
  deal: Deal;
  act: "amendments" | "termination" | "corrections";
  body: Body | null;
}

const PREVIEWS = {
  amendments: "/api/v1/deals/{deal_id}/amendments/preview",
  termination: "/api/v1/deals/{deal_id}/termination/preview",
  corrections: "/api/v1/deals/{deal_id}/corrections/preview",
} as const;

/** What sending the form would enter, as it is filled in. */
function Would<Body>({ deal, act, body }: WouldProps<Body>) {
  const { t } = useTranslation("deals");
  const asked = useDebounced(JSON.stringify(body), 400);
  const query = useQuery({
    queryKey: ["deal", deal.id, act, deal.version, asked],
    queryFn: ({ signal }) =>
      answerOf<Preview>(
        api.POST(PREVIEWS[act] as (typeof PREVIEWS)["termination"], {
          params: { path: { deal_id: deal.id } },
          body: JSON.parse(asked) as Schemas["DealTerminate"],
          signal,
        }),
      ),
    enabled: asked !== "null",
    retry: false,
    placeholderData: keepPreviousData,
  });
  return (
    <section>
      <h3 className={css.section}>{t("preview.would")}</h3>
      {asked === "null" ? (
        <p className={css.quiet}>{t("preview.fillIn")}</p>
      ) : (
        <PreviewView preview={query.error ? undefined : query.data} error={query.error} isPending={query.isPending} />
      )}
    </section>
  );
}

export function AmendSheet({ deal, onClose }: Props) {
  const { t } = useTranslation("deals");
  const { field } = useMeta();
  const today = useToday();
  const of = (name: string) => titled(field("deal", name));
  return (
    <FormSheet<Schemas["DealAmend"], Read>
      title={t("act.amend")}
      note={t("amend.note")}
      initial={{ effective_on: today, currency: deal.currency }}
      draft={`deal-amend.${deal.id}`}
      version={deal.version}
      submit={t("act.amend")}
      width={560}
      act={(values, { header, headers }) =>
        api.POST("/api/v1/deals/{deal_id}/amendments", { params: { path: { deal_id: deal.id }, header }, headers, body: given(values) })
      }
      onDone={() => toast(t("done.amended", { code: deal.code }))}
      onClose={onClose}
    >
      {(values) => (
        <>
          <div className={css.grid}>
          <Form.Item name="effective_on" label={t("amend.on")} required>
            <DayField max={today} />
          </Form.Item>
          {(values.currency ?? "CNY") === "CNY" ? (
            <Form.Item name="agreed_amount" label={t("amend.amount")} required>
              <MoneyField />
            </Form.Item>
          ) : null}
          <ForeignFields currency={values.currency} of={of} />
          <Form.Item name="document" label={t("amend.document")} required>
            <Input autoComplete="off" />
          </Form.Item>
          </div>
          <Form.Item name="reason" label={t("reason")}>
            <Input.TextArea autoSize={{ minRows: 2 }} />
          </Form.Item>
          <Would
            deal={deal}
            act="amendments"
            body={values.effective_on && (values.agreed_amount || values.original_amount) ? { document: "—", ...given(values) } : null}
          />
        </>
      )}
    </FormSheet>
  );
}

/** What becomes of a project that loses its deal. */
function FateFields({ becomes }: { becomes?: string }) {
  const { t } = useTranslation("deals");
  const { labels } = useMeta();
  return (
    <>
      <Form.Item name={["project", "becomes"]} label={t("fate.title")} extra={t("fate.hint")}>
        <Segmented options={[{ value: "", label: t("fate.stays") }, ...labels("FateKind").map((one) => ({ value: one.code, label: titled(one) }))]} />
      </Form.Item>
      {becomes === "terminated" && (
        <Form.Item name={["project", "reason_code"]} label={t("fate.reason")} required>
          <EnumSelect of="TerminationReason" />
        </Form.Item>
      )}
    </>
  );
}

export function TerminateSheet({ deal, onClose }: Props) {
  const { t } = useTranslation("deals");
  const today = useToday();
  return (
    <FormSheet<Schemas["DealTerminate"], Read>
      title={t("act.terminate")}
      note={t("terminate.note")}
      initial={{ effective_on: today }}
      draft={`deal-terminate.${deal.id}`}
      version={deal.version}
      submit={t("act.terminate")}
      isDanger
      width={560}
      act={(values, { header, headers }) =>
        api.POST("/api/v1/deals/{deal_id}/termination", { params: { path: { deal_id: deal.id }, header }, headers, body: fated(values) })
      }
      onDone={() => toast(t("done.terminated", { code: deal.code }))}
      onClose={onClose}
    >
      {(values) => (
        <>
          <Form.Item name="effective_on" label={t("terminate.on")} required>
            <DayField max={today} />
          </Form.Item>
          <Form.Item name="reason" label={t("reason")} required>
            <Input.TextArea autoSize={{ minRows: 2 }} />
          </Form.Item>
          <Form.Item name="document" label={t("terminate.document")}>
            <Input autoComplete="off" />
          </Form.Item>
          <FateFields becomes={values.project?.becomes} />
          <Would
            deal={deal}
            act="termination"
            body={values.effective_on ? { ...fated(values as Schemas["DealTerminate"]), reason: values.reason || "—" } : null}
          />
        </>
      )}
    </FormSheet>
  );
}

export function CorrectSheet({ deal, onClose }: Props) {
  const { t } = useTranslation("deals");
  const { label, field } = useMeta();
  const today = useToday();
  const of = (name: string) => titled(field("entry", name));
  const facts = deal.facts.map((fact) => ({
    value: fact.id,
    label: `${titled(label("FactKind", fact.kind))} · ${fact.effective_on}${fact.document ? ` · ${fact.document}` : ""}`,
  }));
  return (
    <FormSheet<CorrectValues, Read>
      title={t("act.correct")}
      note={t("correct.note")}
      initial={{ what: "values", fact_id: facts[0]?.value }}
      draft={`deal-correct.${deal.id}`}
      version={deal.version}
      submit={t("act.correct")}
      width={560}
      act={(values, { header, headers }) =>
        api.POST("/api/v1/deals/{deal_id}/corrections", { params: { path: { deal_id: deal.id }, header }, headers, body: correction(values) })
      }
      onDone={() => toast(t("done.corrected", { code: deal.code }))}
      onClose={onClose}
    >
      {(values) => {
        const isSigning = deal.facts.find((fact) => fact.id === values.fact_id)?.kind === "signing";
        return (
          <>
            <Form.Item name="what">
              <Radio.Group
                options={[
                  { value: "values", label: t("correct.values") },
                  { value: "withdraw", label: t("correct.withdraw") },
                  { value: "never", label: t("correct.never") },
                ]}
              />
            </Form.Item>
            {values.what !== "never" && (
              <Form.Item name="fact_id" label={t("correct.fact")}>
                <Select options={facts} />
              </Form.Item>
            )}
            {values.what === "values" && (
              <>
                <p className={css.only}>{t("correct.only")}</p>
                <div className={css.grid}>
                <Form.Item name="effective_on" label={of("effective_on")}>
                  <DayField max={today} />
                </Form.Item>
                <Form.Item name="amount" label={of("amount")}>
                  <MoneyField />
                </Form.Item>
                <Form.Item name="unit_id" label={of("unit")}>
                  <UnitSelect />
                </Form.Item>
                <Form.Item name="task_force_id" label={of("task_force")}>
                  <TaskForceSelect />
                </Form.Item>
                <Form.Item name="industry_code" label={of("industry")}>
                  <IndustrySelect />
                </Form.Item>
                {isSigning && (
                  <Form.Item name="investor_id" label={of("investor")}>
                    <RefSelect kind="enterprise" />
                  </Form.Item>
                )}
                </div>
              </>
            )}
            {values.what !== "values" && <FateFields becomes={values.project?.becomes} />}
            <Form.Item name="reason" label={t("reason")} required>
              <Input.TextArea autoSize={{ minRows: 2 }} />
            </Form.Item>
            <Would deal={deal} act="corrections" body={wouldCorrect(values)} />
          </>
        );
      }}
    </FormSheet>
  );
}
