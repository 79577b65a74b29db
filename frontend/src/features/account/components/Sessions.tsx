import { App, Button } from "antd";
import { Laptop, Smartphone } from "lucide-react";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { stamp } from "@/shared/days";
import { QueryView, Skeleton } from "@/shared/StateView";
import { useAct } from "@/shared/useAct";
import css from "../account.module.css";

type Session = Schemas["SessionItem"];

const end = (id: string) => api.DELETE("/api/v1/me/sessions/{session_id}", { params: { path: { session_id: id } } });

/** Where I am signed in; whatever is not mine I end. */
export function Sessions() {
  const { t } = useTranslation("account");
  const { modal } = App.useApp();
  const found = queries.useQuery("get", "/api/v1/me/sessions");
  const endOne = useAct<Session, unknown>({ act: (one) => end(one.id) });
  const endOthers = useAct<Session[], unknown>({
    act: async (others) => {
      await Promise.all(others.map((one) => end(one.id)));
      return {};
    },
  });
  const others = found.data?.items.filter((one) => !one.is_this) ?? [];

  async function askForAll() {
    const isSure = await modal.confirm({
      icon: null,
      title: t("sessions.endOthers"),
      content: t("sessions.endOthersText", { count: others.length }),
      okText: t("sessions.end"),
    });
    if (isSure) endOthers.mutate(others);
  }

  return (
    <Card
      title={t("sessions.title")}
      note={t("sessions.note")}
      extra={
        others.length > 1 && (
          <Button type="link" size="small" onClick={() => void askForAll()}>
            {t("sessions.endOthers")}
          </Button>
        )
      }
    >
      <QueryView query={found} skeleton={<Skeleton rows={2} columns={3} />}>
        {({ items }) => (
          <ul>
            {items.map((one) => (
              <Line key={one.id} session={one} isEnding={endOne.isPending} onEnd={() => endOne.mutate(one)} />
            ))}
          </ul>
        )}
      </QueryView>
    </Card>
  );
}

function Line({ session, isEnding, onEnd }: { session: Session; isEnding: boolean; onEnd: () => void }) {
  const { t } = useTranslation("account");
  const { label } = useMeta();
  const Icon = /Android|iPhone|iPad|HarmonyOS/.test(session.user_agent ?? "") ? Smartphone : Laptop;
  return (
    <li className={css.row}>
      <Icon size={17} strokeWidth={1.75} aria-hidden="true" className={css.icon} />
      <div>
        <h3 title={session.user_agent ?? undefined}>
          {session.device ?? t("sessions.unknown")}
          {session.is_this && <span className={css.on}>{t("sessions.this")}</span>}
        </h3>
        <p>
          {[
            session.address,
            said(label("Way", session.way)),
            t("sessions.since", { at: stamp(session.created_at) }),
            t("sessions.seen", { at: stamp(session.last_seen_at) }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      {!session.is_this && (
        <Button size="small" disabled={isEnding} onClick={onEnd}>
          {t("sessions.end")}
        </Button>
      )}
    </li>
  );
}
