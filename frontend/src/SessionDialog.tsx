/** Opens sign-in over the page whose session has ended: what was typed stays below. */
import { useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { api, setCsrfToken } from "@/api/client";
import { session } from "@/app/session";
import { useMe } from "@/app/who";
import { SignInForm } from "@/login/SignInForm";

export function SessionDialog() {
  const { t, i18n } = useTranslation("common");
  const client = useQueryClient();
  const me = useMe();
  return (
    <Modal open closable={false} footer={null} title={t("session.ended")} width={420} keyboard={false}>
      <p>{t("session.signInAgain", { name: me.name })}</p>
      <SignInForm
        language={i18n.language === "en" ? "en" : "zh-CN"}
        onDone={async (answer) => {
          setCsrfToken(answer.csrf_token);
          const { data } = await api.GET("/api/v1/me");
          if (data!.id !== me.id) return session.giveWay();
          if (answer.must.length) return location.replace("/login");
          session.belongsTo(data!.id);
          await client.invalidateQueries();
        }}
      />
    </Modal>
  );
}
