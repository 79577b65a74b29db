import { TriangleAlert } from "lucide-react";
import { useMe } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { stamp } from "@/shared/days";
import css from "../account.module.css";

/** What others changed in my account, roles that rest because of it, and what I must do first. */
export function Notices() {
  const { t } = useTranslation("account");
  const me = useMe();
  const changes = me.suspended ? me.suspended.because : me.notices;
  if (!me.must.length && !me.suspended && !changes.length) return null;
  return (
    <section className={css.notices} aria-label={t("notices.title")}>
      <TriangleAlert size={17} strokeWidth={1.75} aria-hidden="true" />
      <div>
        {me.must.map((one) => (
          <p key={one.code}>
            <strong>{t("notices.must", { what: said(one) })}</strong>
          </p>
        ))}
        {me.suspended && (
          <p>
            <strong>
              {t("notices.suspended", { roles: me.suspended.roles.map(said).join(t("common:listSeparator")) })}
            </strong>{" "}
            {said(me.suspended)}
          </p>
        )}
        {!me.suspended && changes.length > 0 && (
          <p>
            <strong>{t("notices.changed")}</strong> {t("notices.unknown")}
          </p>
        )}
        {changes.length > 0 && (
          <ul>
            {changes.map((change) => (
              <li key={`${change.code}${change.changed_at}`}>
                {t("notices.change", {
                  what: said(change),
                  who: change.changed_by_name,
                  at: stamp(change.changed_at),
                })}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
