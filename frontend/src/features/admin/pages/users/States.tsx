import { type Schemas } from "@/api/client";
import { type Translate, useTranslation } from "@/i18n";
import { State } from "../../parts";

type Row = Schemas["UserRow"];
type User = Schemas["UserWithRights"];

/** How the account signs in. */
export function ways(row: Row | User, t: Translate<"admin">): string[] {
  return [row.has_password && t("users.password"), row.has_second_factor && t("users.factor"), row.sign_on_subject && t("users.signOn")].filter(
    (one): one is string => Boolean(one),
  );
}

/** Whether the account can be used, and what stands in its way. */
export function States({ row, today }: { row: Row | User; today: string }) {
  const { t } = useTranslation("admin");
  // An account that begins or ends does so by the real day; one that has ended long ago has ended by the stored day, too.
  const hasEnded = row.active_until !== null && row.active_until < today;
  return (
    <>
      {row.is_locked && <State tone="bad">{t("users.is_locked")}</State>}
      {row.suspended_roles.length > 0 && <State tone="soon">{t("users.has_suspended_roles")}</State>}
      {row.waits_for_release && <State tone="soon">{t("users.waits_for_release")}</State>}
      {hasEnded && <State>{t("users.ended")}</State>}
      {!row.is_locked && !row.suspended_roles.length && !row.waits_for_release && !hasEnded && <State tone="ok">{t("users.fine")}</State>}
    </>
  );
}
