import { Button } from "antd";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { SecretDialog } from "@/shared/SecretDialog";
import { QueryView, Skeleton } from "@/shared/StateView";
import { TokenForm, TokenLines } from "@/shared/tokens/Tokens";
import css from "../account.module.css";

/** Tokens that let a program act for me. */
export function Tokens() {
  const { t } = useTranslation("tokens");
  const found = queries.useQuery("get", "/api/v1/me/tokens");
  const [isMaking, setIsMaking] = useState(false);
  const [issued, setIssued] = useState<Schemas["TokenIssued"] | null>(null);
  return (
    <Card
      title={t("mine")}
      note={t("note")}
      extra={
        <Button type="link" size="small" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsMaking(true)}>
          {t("add")}
        </Button>
      }
    >
      <QueryView query={found} skeleton={<Skeleton rows={2} columns={3} />}>
        {({ items }) =>
          items.length ? (
            <TokenLines
              items={items}
              revoke={(id) => api.DELETE("/api/v1/me/tokens/{token_id}", { params: { path: { token_id: id } } })}
            />
          ) : (
            <p className={css.quiet}>
              <KeyRound size={15} strokeWidth={1.75} aria-hidden="true" /> {t("empty")}
            </p>
          )
        }
      </QueryView>
      {isMaking && (
        <TokenForm
          issue={(body) => api.POST("/api/v1/me/tokens", { body })}
          onIssued={setIssued}
          onClose={() => setIsMaking(false)}
        />
      )}
      {issued && (
        <SecretDialog
          title={t("issued", { name: issued.name })}
          note={t("issuedNote")}
          secrets={[{ label: t("secret"), text: issued.secret }]}
          onClose={() => setIssued(null)}
        />
      )}
    </Card>
  );
}
