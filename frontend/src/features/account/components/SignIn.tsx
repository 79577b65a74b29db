import { App, Button, Checkbox, Form, Input } from "antd";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMe } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { QrCode } from "@/qr/QrCode";
import { Card } from "@/shared/Card";
import { FormSheet } from "@/shared/FormSheet";
import { CopyButton } from "@/shared/SecretDialog";
import { useAct } from "@/shared/useAct";
import css from "../account.module.css";

type Begun = Schemas["SecondFactorBegun"];

/** The ways in: the password, and the code of an app beside it. */
export function SignIn() {
  const { t } = useTranslation("account");
  const me = useMe();
  const rules = queries.useQuery("get", "/api/v1/sign-in", {}, { staleTime: Infinity });
  const [open, setOpen] = useState<"password" | "removal" | null>(null);
  const [begun, setBegun] = useState<Begun | null>(null);
  const begin = useAct<undefined, Begun>({ act: () => api.POST("/api/v1/me/second-factor"), onDone: setBegun });
  const isForced = me.must.some((one) => one.code === "set_second_factor");
  return (
    <Card title={t("signIn.title")}>
      <div className={css.row}>
        <div>
          <h3>{t("password.title")}</h3>
          <p>{t("password.text", { length: rules.data?.password_min_length ?? "" })}</p>
        </div>
        <Button onClick={() => setOpen("password")}>{t("password.change")}</Button>
      </div>
      <div className={css.row}>
        <div>
          <h3>
            {t("factor.title")}
            {me.has_second_factor && (
              <span className={css.on}>
                <ShieldCheck size={13} strokeWidth={1.75} aria-hidden="true" />
                {t("factor.on")}
              </span>
            )}
          </h3>
          <p>{t(me.has_second_factor ? "factor.textOn" : "factor.text")}</p>
        </div>
        {me.has_second_factor ? (
          <Button onClick={() => setOpen("removal")}>{t("factor.remove")}</Button>
        ) : (
          <Button type={isForced ? "primary" : "default"} loading={begin.isPending} onClick={() => begin.mutate(undefined)}>
            {t("factor.begin")}
          </Button>
        )}
      </div>
      {open === "password" && <PasswordForm length={rules.data?.password_min_length} onClose={() => setOpen(null)} />}
      {open === "removal" && <RemovalForm onClose={() => setOpen(null)} />}
      {begun && <FactorForm begun={begun} onClose={() => setBegun(null)} />}
      {isForced && <p className={css.hint}>{me.must.map(said).join(t("common:listSeparator"))}</p>}
    </Card>
  );
}

interface NewPassword {
  current: string;
  new: string;
  again: string;
  keep_tokens: boolean;
}

function PasswordForm({ length, onClose }: { length?: number; onClose: () => void }) {
  const { t } = useTranslation("account");
  const { message } = App.useApp();
  return (
    <FormSheet<NewPassword, unknown>
      isShort
      title={t("password.change")}
      note={t("password.note")}
      initial={{ keep_tokens: false }}
      submit={t("password.change")}
      act={({ current, new: next, keep_tokens }) => api.PUT("/api/v1/me/password", { body: { current, new: next, keep_tokens } })}
      onDone={() => void message.success(t("password.done"))}
      onClose={onClose}
    >
      <Form.Item name="current" label={t("password.current")} rules={[{ required: true, message: t("common:required") }]}>
        <Input.Password autoComplete="current-password" autoFocus />
      </Form.Item>
      <Form.Item
        name="new"
        label={t("password.new")}
        extra={t("password.rule", { length: length ?? "" })}
        rules={[{ required: true, message: t("common:required") }]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t("password.again")}
        dependencies={["new"]}
        rules={[
          { required: true, message: t("common:required") },
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              !value || getFieldValue("new") === value ? Promise.resolve() : Promise.reject(new Error(t("password.differs"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="keep_tokens" valuePropName="checked" noStyle>
        <Checkbox>{t("password.keepTokens")}</Checkbox>
      </Form.Item>
    </FormSheet>
  );
}

function FactorForm({ begun, onClose }: { begun: Begun; onClose: () => void }) {
  const { t } = useTranslation("account");
  const { message } = App.useApp();
  return (
    <FormSheet<{ code: string }, unknown>
      title={t("factor.begin")}
      note={t("factor.note")}
      submit={t("factor.confirm")}
      act={({ code }) => api.POST("/api/v1/me/second-factor/confirmation", { body: { code: code.replace(/\s/g, "") } })}
      onDone={() => void message.success(t("factor.done"))}
      onClose={onClose}
    >
      <div className={css.factor}>
        <QrCode className={css.qr} text={begun.address} label={t("factor.qr")} />
        <div>
          <p className={css.label}>{t("factor.key")}</p>
          <code className={css.key}>{begun.key.replace(/(.{4})(?=.)/g, "$1 ")}</code>
          <div className={css.keyActs}>
            <CopyButton text={begun.key} />
            <a href={begun.address}>{t("factor.open")}</a>
          </div>
        </div>
      </div>
      <Form.Item
        name="code"
        label={t("factor.code")}
        rules={[{ required: true, pattern: /^\s*\d{3}\s?\d{3}\s*$/, message: t("factor.digits") }]}
      >
        <Input inputMode="numeric" autoComplete="one-time-code" maxLength={8} className={css.code} />
      </Form.Item>
    </FormSheet>
  );
}

function RemovalForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("account");
  const { message } = App.useApp();
  return (
    <FormSheet<{ password: string }, unknown>
      isShort
      isDanger
      title={t("factor.remove")}
      note={t("factor.removeNote")}
      submit={t("factor.remove")}
      act={({ password }) => api.POST("/api/v1/me/second-factor/removal", { body: { password } })}
      onDone={() => void message.success(t("factor.removed"))}
      onClose={onClose}
    >
      <Form.Item name="password" label={t("password.current")} rules={[{ required: true, message: t("common:required") }]}>
        <Input.Password autoComplete="current-password" autoFocus />
      </Form.Item>
    </FormSheet>
  );
}
