import { keepPreviousData } from "@tanstack/react-query";
import { Button, Divider, Form, Input, Modal, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { nameOf, said, titled, useTranslation } from "@/i18n";
import { EnumSelect } from "@/shared/forms/choosers";
import { release, showAtFields } from "@/shared/forms/refusals";
import { plainName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { useAct } from "@/shared/useAct";
import { useDebounced } from "@/shared/useDebounced";
import { useOffered } from "@/shared/useOffered";

type Ref = Schemas["Ref"];

interface Props {
  value?: string | null;
  onChange?: (id: string | null) => void;
  id?: string;
  known?: Ref | null;
}

/** Chooses who brought a lead, or registers somebody new. */
export function ReferrerField({ value, onChange, id, known }: Props) {
  const { t } = useTranslation("leads");
  const { label } = useMeta();
  const [text, setText] = useState("");
  const [isOpened, setIsOpened] = useState(false);
  const [isNew, setIsNew] = useState(false);
  const [chosen, setChosen] = useState<{ id: string; name: string } | null>(null);
  const q = useDebounced(text.trim(), 200);
  const found = queries.useQuery(
    "get",
    "/api/v1/referrers",
    { params: { query: { q, limit: 50 } } },
    { enabled: q.length > 0, placeholderData: keepPreviousData },
  );
  const offered = useOffered("referrer", isOpened);
  const hits = (found.data?.items ?? []).map((one) => ({
    value: one.id,
    label: one.name,
    note: [said(label("ReferrerKind", one.kind)), one.organization].filter(Boolean).join(" · "),
  }));
  const current = [chosen, known].find((one) => one?.id === value);
  // Of a draft only the id is kept.
  const kept = queries.useQuery(
    "get",
    "/api/v1/referrers/{referrer_id}",
    { params: { path: { referrer_id: value ?? "" } } },
    { enabled: Boolean(value) && !current },
  );
  return (
    <>
      <Select
        id={id}
        value={value ?? undefined}
        options={q ? hits : offered.groups}
        defaultActiveFirstOption={q.length > 0}
        onOpenChange={(isOpen) => isOpen && setIsOpened(true)}
        loading={found.isFetching || offered.isReading}
        labelRender={() => plainName(nameOf(current ?? kept.data)) || "…"}
        allowClear
        showSearch={{ filterOption: false, onSearch: setText }}
        placeholder={t("form.referrerPlaceholder")}
        style={{ width: "100%" }}
        notFoundContent={q ? t("common:palette.nothing", { q }) : t("common:ref.type")}
        optionRender={(option) => (
          <span>
            {option.label} <small style={{ color: "var(--ink3)" }}>{(option.data as { note?: string }).note}</small>
          </span>
        )}
        popupRender={(menu) => (
          <>
            {menu}
            <Divider style={{ margin: "4px 0" }} />
            <Button type="text" block icon={<Plus size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsNew(true)}>
              {t("form.newReferrer")}
            </Button>
          </>
        )}
        onChange={(next: string | undefined) => {
          const option = [...hits, ...offered.choices].find((one) => one.value === next);
          setChosen(option ? { id: option.value, name: option.label } : null);
          onChange?.(next ?? null);
        }}
      />
      {isNew && (
        <NewReferrer
          name={text}
          onClose={() => setIsNew(false)}
          onMade={(referrer) => {
            setChosen(referrer);
            setIsNew(false);
            onChange?.(referrer.id);
          }}
        />
      )}
    </>
  );
}

type Values = Schemas["ReferrerCreate"];

function NewReferrer({ name, onClose, onMade }: { name: string; onClose: () => void; onMade: (made: { id: string; name: string }) => void }) {
  const { t } = useTranslation("leads");
  const { field } = useMeta();
  const [form] = Form.useForm<Values>();
  const kind = Form.useWatch("kind", form);
  const make = useAct<Values, Schemas["ReferrerRegistered"]>({
    act: (body, { headers }) => api.POST("/api/v1/referrers", { body, headers }),
    onDone: (referrer) => onMade(referrer),
    onRefused: (problem) => showAtFields(form, problem),
  });
  const title = (code: string) => titled(field("referrer", code));
  return (
    <Modal open title={t("form.newReferrer")} okText={t("form.registerReferrer")} onCancel={onClose} onOk={() => form.submit()} confirmLoading={make.isPending}>
      <Form
        form={form}
        layout="vertical"
        initialValues={{ kind: "chamber", name }}
        onValuesChange={(changed) => release(form, changed)}
        onFinish={(values) => make.mutate(values)}
      >
        <Form.Item name="kind" label={title("kind")}>
          <EnumSelect of="ReferrerKind" allowClear={false} />
        </Form.Item>
        {kind === "official" && (
          <Form.Item name="official_id" label={title("official_id")} required>
            <RefSelect kind="official" />
          </Form.Item>
        )}
        {kind === "enterprise" && (
          <Form.Item name="enterprise_id" label={title("enterprise_id")} required>
            <RefSelect kind="enterprise" />
          </Form.Item>
        )}
        {kind !== "official" && kind !== "enterprise" && (
          <>
            <Form.Item name="name" label={title("name")} required>
              <Input autoComplete="off" />
            </Form.Item>
            <Form.Item name="organization" label={title("organization")}>
              <Input autoComplete="off" />
            </Form.Item>
            <Form.Item name="appointment_no" label={title("appointment_no")}>
              <Input autoComplete="off" />
            </Form.Item>
          </>
        )}
      </Form>
    </Modal>
  );
}
