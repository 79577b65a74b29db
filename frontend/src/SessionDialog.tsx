/** Opens sign-in over the page whose session has ended: what was typed stays below. */
import { Modal } from "antd";
import { api, setCsrfToken } from "@/api/client";
import { session } from "@/app/session";
import { useMe } from "@/app/who";
import { useTranslation } from "@/i18n";
import { SignInForm } from "@/login/SignInForm";

/** A sheet over a sheet, and a dialog over that, are each a hundred above the one below. */
const ABOVE_ALL = 1900;

export function SessionDialog() {
  const { t, language } = useTranslation("common");
  const me = useMe();
  return (
    <Modal open closable={false} footer={null} title={t("session.ended")} width={420} keyboard={false} zIndex={ABOVE_ALL}>
      <p>{t("session.signInAgain", { name: me.name })}</p>
      <SignInForm
        language={language === "en" ? "en" : "zh-CN"}
        onDone={async (answer) => {
          setCsrfToken(answer.csrf_token);
          const { data } = await api.GET("/api/v1/me");
          if (data!.id !== me.id) return session.giveWay();
          if (answer.must.length) return location.replace("/login");
          session.belongsTo(data!.id);
        }}
      />
    </Modal>
  );
}
