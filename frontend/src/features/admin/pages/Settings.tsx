import { Button, Form, Radio } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMe } from "@/app/who";
import { said, textFor, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { FormSheet } from "@/shared/FormSheet";
import { QueryView } from "@/shared/StateView";
import { ReasonItem, useSayDone } from "../parts";
import css from "../admin.module.css";

type Setting = Schemas["OfficeSettingRead"];

export default function Settings() {
  const { t } = useTranslation("admin");
  const me = useMe();
  const done = useSayDone();
  const found = queries.useQuery("get", "/api/v1/office-settings");
  const [open, setOpen] = useState<Setting | null>(null);
  const mayEdit = me.permissions.some((one) => one.code === "edit_stages");
  return (
    <>
      <p className={css.intro}>{t("settings.intro")}</p>
      <QueryView query={found}>
        {({ items }) => (
          <Card>
            <ul className={css.lines}>
              {items.map((one) => (
                <li key={one.key}>
                  <span>
                    <b className={css.strong}>{said(one)}</b>
                    <small>{t(`settings.${one.key}`)}</small>
                  </span>
                  <span>{textFor("admin:settings.values", one.value)}</span>
                  {mayEdit && (
                    <Button size="small" onClick={() => setOpen(one)}>
                      {t("common:edit")}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </Card>
        )}
      </QueryView>
      {open && (
        <FormSheet<Schemas["OfficeSettingSet"], Setting | Schemas["ControlChangeRead"]>
          isShort
          title={said(open)}
          note={t("stages.note")}
          initial={{ value: open.value }}
          submit={t("common:save")}
          act={(body) => api.PUT("/api/v1/office-settings/{key}", { params: { path: { key: open.key } }, body })}
          onDone={done}
          onClose={() => setOpen(null)}
        >
          <Form.Item name="value" label={said(open)} required>
            <Radio.Group className={css.stack} options={open.values.map((value) => ({ value, label: textFor("admin:settings.values", value) }))} />
          </Form.Item>
          <ReasonItem isOptional hint={t("reasonHint")} />
        </FormSheet>
      )}
    </>
  );
}
