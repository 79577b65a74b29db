import { Form, Input, Select } from "antd";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { FormSheet } from "@/shared/FormSheet";
import { UnitSelect } from "@/shared/forms/choosers";
import { toast } from "@/shared/toast";

type Endpoint = Schemas["EndpointWithRights"];
type Issued = Schemas["EndpointIssued"];

export function EditForm({ of, onClose, onIssued }: { of?: Endpoint; onClose: () => void; onIssued: (issued: Issued) => void }) {
  const { t } = useTranslation("admin");
  const catalogue = queries.useQuery("get", "/api/v1/webhooks/event-types", {}, { staleTime: Infinity });
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Schemas["EndpointCreate"], Issued | Schemas["EndpointRead"]>
      title={t(of ? "endpoints.edit" : "endpoints.add")}
      draft={`endpoint.${of?.id ?? "new"}`}
      version={of?.version}
      initial={of && { name: of.name, url: of.url, types: of.types, unit_id: of.unit_id }}
      submit={t(of ? "common:save" : "endpoints.add")}
      act={(body, { header }) =>
        of
          ? api.PATCH("/api/v1/webhook-endpoints/{endpoint_id}", { params: { path: { endpoint_id: of.id }, header }, body })
          : api.POST("/api/v1/webhook-endpoints", { body })
      }
      onDone={(answer) => "secret" in answer && onIssued(answer)}
      onClose={onClose}
    >
      <Form.Item name="name" label={t("endpoints.name")} rules={required}>
        <Input autoFocus />
      </Form.Item>
      <Form.Item name="url" label={t("endpoints.url")} rules={required} extra={t("endpoints.urlHint")}>
        <Input type="url" placeholder="https://" />
      </Form.Item>
      <Form.Item name="types" label={t("endpoints.types")} rules={required}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: "label" }}
          options={(catalogue.data?.sent ?? []).map((one) => ({ value: one.type, label: `${said(one)} ${one.type}` }))}
        />
      </Form.Item>
      <Form.Item name="unit_id" label={t("endpoints.unit")} extra={t("endpoints.unitHint")}>
        <UnitSelect />
      </Form.Item>
    </FormSheet>
  );
}

export function ReplayForm({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { labels } = useMeta();
  return (
    <FormSheet<{ since: string; until?: string; what: "missing" | "all" }, Schemas["ReplayAsked"]>
      isShort
      title={t("endpoints.replay")}
      note={t("endpoints.replayNote")}
      initial={{ what: "missing" }}
      submit={t("endpoints.replay")}
      act={({ since, until, what }, { headers }) =>
        api.POST("/api/v1/webhook-endpoints/{endpoint_id}/replay", {
          params: { path: { endpoint_id: id } },
          body: { since: new Date(since).toISOString(), ...(until && { until: new Date(until).toISOString() }), what },
          headers,
        })
      }
      onDone={() => toast(t("endpoints.queued"))}
      onClose={onClose}
    >
      <Form.Item name="since" label={t("endpoints.since")} rules={[{ required: true, message: t("common:required") }]}>
        <Input type="datetime-local" />
      </Form.Item>
      <Form.Item name="until" label={t("endpoints.until")}>
        <Input type="datetime-local" />
      </Form.Item>
      <Form.Item name="what" label={t("endpoints.what")} required>
        <Select options={labels("ReplayWhat").map((one) => ({ value: one.code, label: said(one) }))} />
      </Form.Item>
    </FormSheet>
  );
}
