import { Title } from "@/app/shell/title";
import { useMe } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { Display } from "./components/Display";
import { Machine } from "./components/Machine";
import { Notices } from "./components/Notices";
import { Sessions } from "./components/Sessions";
import { SignIn } from "./components/SignIn";
import { Tokens } from "./components/Tokens";
import css from "./account.module.css";

/** My account: how I sign in, where I am signed in, what machines may do for me, and how the pages look to me. */
export function AccountPage() {
  const { t } = useTranslation("account");
  return (
    <>
      <Title text={t("title")} />
      <div className={css.page}>
        <Notices />
        <div className={css.columns}>
          <div className={css.column}>
            <SignIn />
            <Sessions />
            <Tokens />
          </div>
          <div className={css.column}>
            <Person />
            <Display />
            <Machine />
          </div>
        </div>
      </div>
    </>
  );
}

/** Who I am to the service, and what I may do. Roles are granted by others. */
function Person() {
  const { t } = useTranslation("account");
  const me = useMe();
  const separator = t("common:listSeparator");
  const rows: [string, string][] = [
    [t("person.unit"), me.units.map((unit) => unit.name).join(separator) || me.unit?.name || t("common:none")],
    [t("person.roles"), me.roles.map(said).join(separator) || t("common:none")],
    [t("person.scope"), me.sees_all ? t("common:shell.city") : said(me.scope)],
  ];
  if (me.task_forces.length) rows.push([t("person.taskForces"), me.task_forces.map((one) => one.name).join(separator)]);
  if (me.official) rows.push([t("person.official"), me.official.name]);
  return (
    <Card title={me.name}>
      <dl className={css.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {me.permissions.length > 0 && (
        <details className={css.more}>
          <summary>{t("person.permissions", { count: me.permissions.length })}</summary>
          <ul className={css.chips}>
            {me.permissions.map((one) => (
              <li key={one.code}>{said(one)}</li>
            ))}
          </ul>
        </details>
      )}
      <p className={css.hint}>{t("person.hint")}</p>
    </Card>
  );
}
