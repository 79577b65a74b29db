import { App, Button, Form, Input, InputNumber } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useMe } from "@/app/who";
import { useTranslation } from "@/i18n";
import type { Column } from "@/shared/DataTable";
import { stamp } from "@/shared/days";
import { FormSheet } from "@/shared/FormSheet";
import { SecretDialog } from "@/shared/SecretDialog";
import { Empty } from "@/shared/StateView";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { Bar, Lines, List, State } from "../parts";
import css from "../admin.module.css";

type Display = Schemas["DisplayRead"];
type Added = Schemas["DisplayAdded"];

function DisplayState({ of }: { of: Display }) {
  const { t } = useTranslation("admin");
  if (of.ended_at) return <State>{t("displays.ended")}</State>;
  if (!of.is_in_use) return <State>{t("displays.expired")}</State>;
  return of.begun_at ? <State tone="ok">{t("displays.begun")}</State> : <State tone="soon">{t("displays.waiting")}</State>;
}

/** Screens that show the wall without anybody signed in. */
export default function Displays() {
  const { t } = useTranslation("admin");
  const me = useMe();
  const [isNew, setIsNew] = useState(false);
  const [added, setAdded] = useState<Added | null>(null);
  const mayAdd = me.permissions.some((one) => one.code === "manage_accounts");
  const pages = usePages<Display, { items: Display[]; next_cursor: null }>(["displays"], async () => {
    const { data } = await api.GET("/api/v1/displays");
    return { items: data!.items, next_cursor: null };
  });
  const columns: Column<Display>[] = [
    { key: "name", title: t("displays.name"), width: 200, grows: true, frozen: true, render: (row) => <b className={css.strong}>{row.name}</b> },
    { key: "state", title: t("endpoints.state"), width: 130, render: (row) => <DisplayState of={row} /> },
    { key: "expires", title: t("displays.expires"), width: 150, render: (row) => stamp(row.expires_at) },
    { key: "used", title: t("displays.used"), width: 150, render: (row) => (row.last_used_at ? stamp(row.last_used_at) : "—") },
    { key: "device", title: t("displays.device"), width: 220, render: (row) => [row.device, row.address].filter(Boolean).join(" · ") || "—" },
    { key: "end", title: "", width: 80, render: (row) => mayAdd && row.is_in_use && <EndButton of={row} /> },
  ];
  return (
    <>
      <Bar
        acts={
          mayAdd && (
            <Button type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsNew(true)}>
              {t("displays.add")}
            </Button>
          )
        }
      >
        <p className={css.intro}>{t("displays.intro")}</p>
      </Bar>
      <List
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.displays")}
        card={(row) => (
          <Lines
            title={row.name}
            side={<DisplayState of={row} />}
            lines={[`${t("displays.expires")} ${stamp(row.expires_at)}`, mayAdd && row.is_in_use && <EndButton key="end" of={row} />]}
          />
        )}
        empty={<Empty title={t("displays.empty")} text={t("displays.emptyText")} />}
      />
      {isNew && <AddForm onClose={() => setIsNew(false)} onAdded={setAdded} />}
      {added && (
        <SecretDialog
          title={t("displays.codeOf", { name: added.name })}
          note={t("displays.codeNote")}
          secrets={[
            { label: t("displays.code"), text: added.code },
            { label: t("displays.link"), text: `${location.origin}/wall#${added.code}` },
          ]}
          onClose={() => setAdded(null)}
        />
      )}
    </>
  );
}

function EndButton({ of }: { of: Display }) {
  const { t } = useTranslation("admin");
  const { modal } = App.useApp();
  const end = useAct<undefined, unknown>({
    act: () => api.DELETE("/api/v1/displays/{display_id}", { params: { path: { display_id: of.id } } }),
    version: () => 0,
  });
  return (
    <Button
      size="small"
      type="link"
      danger
      loading={end.isPending}
      onClick={async () => {
        const asked = { icon: null, title: t("displays.endOf", { name: of.name }), content: t("displays.endNote"), okText: t("displays.end") };
        if (await modal.confirm(asked)) end.mutate(undefined);
      }}
    >
      {t("displays.end")}
    </Button>
  );
}

function AddForm({ onClose, onAdded }: { onClose: () => void; onAdded: (added: Added) => void }) {
  const { t } = useTranslation("admin");
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Schemas["DisplayAdd"], Added>
      isShort
      title={t("displays.add")}
      note={t("displays.intro")}
      initial={{ days: 90 }}
      submit={t("displays.add")}
      act={(body) => api.POST("/api/v1/displays", { body })}
      onDone={onAdded}
      onClose={onClose}
    >
      <Form.Item name="name" label={t("displays.name")} rules={required}>
        <Input placeholder={t("displays.nameHint")} maxLength={100} />
      </Form.Item>
      <Form.Item name="days" label={t("displays.days")} rules={required}>
        <InputNumber min={1} max={90} precision={0} style={{ width: "100%" }} />
      </Form.Item>
    </FormSheet>
  );
}
