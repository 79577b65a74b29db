/** Tokens of the API: the lines of a list, and the form that makes one. Of the own account and of administration. */
import { App, Button, Checkbox, Form, Input, Select } from "antd";
import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { stamp } from "../days";
import { FormSheet } from "../FormSheet";
import { useAct } from "../useAct";
import css from "./tokens.module.css";

type Token = Schemas["TokenRead"];
type Issue = Schemas["TokenIssue"];

const DAYS = [30, 90, 180, 366];

export function TokenLines({ items, revoke }: { items: readonly Token[]; revoke: (id: string) => Promise<{ data?: unknown }> }) {
  const { t } = useTranslation("tokens");
  const { label } = useMeta();
  const { modal } = App.useApp();
  const act = useAct<Token, unknown>({ act: (token) => revoke(token.id) });
  const now = new Date().toISOString();

  async function ask(token: Token) {
    const isSure = await modal.confirm({
      icon: null,
      title: t("revokeTitle", { name: token.name }),
      content: t("revokeText"),
      okText: t("revoke"),
      okButtonProps: { danger: true },
    });
    if (isSure) act.mutate(token);
  }

  return (
    <ul>
      {items.map((token) => {
        const isOver = token.revoked_at !== null || token.expires_at <= now;
        return (
          <li key={token.id} className={`${css.line} ${isOver ? css.over : ""}`}>
            <div>
              <h3>
                {token.name} <code>{token.prefix}…</code>
              </h3>
              <p>
                {[
                  token.scopes.map((scope) => said(label("TokenScope", scope))).join(t("common:listSeparator")),
                  token.last_used_at ? t("used", { at: stamp(token.last_used_at) }) : t("unused"),
                  token.revoked_at
                    ? t("revoked", { at: stamp(token.revoked_at).slice(0, 10) })
                    : t(isOver ? "expired" : "expires", { at: stamp(token.expires_at).slice(0, 10) }),
                ].join(" · ")}
              </p>
            </div>
            {!isOver && (
              <Button size="small" disabled={act.isPending} onClick={() => void ask(token)}>
                {t("revoke")}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

interface FormProps {
  issue: (body: Issue) => Promise<{ data?: Schemas["TokenIssued"] }>;
  onIssued: (token: Schemas["TokenIssued"]) => void;
  onClose: () => void;
}

export function TokenForm({ issue, onIssued, onClose }: FormProps) {
  const { t } = useTranslation("tokens");
  const { labels } = useMeta();
  return (
    <FormSheet<Issue, Schemas["TokenIssued"]>
      isShort
      title={t("add")}
      note={t("formNote")}
      initial={{ days: 90, scopes: ["read"] }}
      submit={t("make")}
      act={(body) => issue(body)}
      onDone={onIssued}
      onClose={onClose}
    >
      <Form.Item name="name" label={t("name")} extra={t("nameHint")} rules={[{ required: true, message: t("common:required") }]}>
        <Input autoFocus autoComplete="off" />
      </Form.Item>
      <Form.Item name="scopes" label={t("scopes")} rules={[{ required: true, message: t("common:required") }]}>
        <Checkbox.Group className={css.scopes} options={labels("TokenScope").map((one) => ({ value: one.code, label: said(one) }))} />
      </Form.Item>
      <Form.Item name="days" label={t("days")} required>
        <Select options={DAYS.map((days) => ({ value: days, label: t("daysOf", { count: days }) }))} />
      </Form.Item>
    </FormSheet>
  );
}
