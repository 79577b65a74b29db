import { App, Form, Input, Segmented } from "antd";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, titled, useTranslation } from "@/i18n";
import { DayField } from "@/shared/DayField";
import { FormSheet } from "@/shared/FormSheet";
import { MoneyField } from "@/shared/MoneyField";
import { plainName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { toast } from "@/shared/toast";
import type { Deal } from "../api";
import { changes, EDITED, given } from "../bodies";
import css from "./drawer.module.css";
import { ForeignFields } from "./ForeignFields";

type Values = Schemas["DealCreate"];
type Drafted = Schemas["DealDrafted"];

interface Props {
  /** The draft to edit; without it a new one is made. */
  deal?: Deal;
  projectId?: string;
  onClose: () => void;
  onDone: (id: string) => void;
}

export function DraftSheet({ deal, projectId, onClose, onDone }: Props) {
  const project = queries.useQuery(
    "get",
    "/api/v1/projects/{project_id}",
    { params: { path: { project_id: projectId ?? "" } } },
    { enabled: Boolean(projectId && !deal) },
  );
  // The form starts from its project: it waits for it.
  if (projectId && !deal && project.isPending) return null;
  return <Opened deal={deal} project={project.data} onClose={onClose} onDone={onDone} />;
}

interface OpenedProps extends Omit<Props, "projectId"> {
  project?: Schemas["ProjectPage"];
}

function Opened({ deal, project, onClose, onDone }: OpenedProps) {
  const { t } = useTranslation("deals");
  const { labels, field } = useMeta();
  const { message } = App.useApp();
  const today = useToday();
  const of = (name: string) => titled(field("deal", name));
  const initial: Partial<Values> = deal
    ? (Object.fromEntries(EDITED.map((name) => [name, deal[name]])) as Partial<Values>)
    : {
        kind: "formal",
        currency: "CNY",
        signed_on: today,
        project_id: project?.id,
        investor_id: project?.investor_id,
        title: project && t("form.titleOf", { name: plainName(project.name) }),
      };
  return (
    <FormSheet<Values, Drafted>
      title={deal ? t("edit") : t("draft")}
      initial={initial}
      draft={deal ? `deal.${deal.id}` : `deal-new.${project?.id ?? ""}`}
      version={deal?.version}
      submit={deal ? t("common:save") : t("form.submit")}
      note={deal?.submitted_at ? t("form.editNote") : undefined}
      width={560}
      act={async (values, { header, headers }) => {
        if (!deal) return api.POST("/api/v1/deals", { headers, body: given(values) });
        const body = changes(deal, values);
        return api.PATCH("/api/v1/deals/{deal_id}", { params: { path: { deal_id: deal.id }, header }, body });
      }}
      onDone={(drafted) => {
        if (drafted.warnings.length) void message.warning(drafted.warnings.map(said).join(" "), 8);
        else toast(t(deal ? "done.saved" : "done.drafted", { code: drafted.code }));
        onDone(drafted.id);
      }}
      onClose={onClose}
    >
      {(values) => (
        <>
          {!deal && (
            <>
              <Form.Item name="project_id" label={of("project")} required>
                <RefSelect kind="project" known={project as Schemas["Ref"] | undefined} />
              </Form.Item>
              <Form.Item name="kind" label={of("kind")}>
                <Segmented options={labels("DealKind").map((one) => ({ value: one.code, label: titled(one) }))} />
              </Form.Item>
            </>
          )}
          <Form.Item name="title" label={t("form.title")} required>
            <Input autoComplete="off" />
          </Form.Item>
          <div className={css.grid}>
          <Form.Item name="signed_on" label={of("signed_on")}>
            <DayField max={today} />
          </Form.Item>
          <Form.Item name="agreement_no" label={of("agreement_no")}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="investor_id" label={of("investor")}>
            <RefSelect kind="enterprise" known={deal?.investor ?? project?.investor} />
          </Form.Item>
          {(values.currency ?? "CNY") === "CNY" && (
            <Form.Item name="agreed_amount" label={of("agreed_amount")}>
              <MoneyField />
            </Form.Item>
          )}
          <ForeignFields currency={values.currency} of={of} />
          <Form.Item name="source" label={of("source")}>
            <Input autoComplete="off" />
          </Form.Item>
          </div>
        </>
      )}
    </FormSheet>
  );
}
