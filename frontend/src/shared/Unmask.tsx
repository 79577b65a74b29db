/** Phone and mail in full: only for a purpose, which the security log keeps, and only for a moment. Nothing of it is kept
 * by this page. */
import { Button, Modal, Radio } from "antd";
import { Eye } from "lucide-react";
import { useEffect, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { api, answerOf, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { copy } from "./copy";
import css from "./unmask.module.css";

type Purpose = Schemas["Purpose"];
const SECONDS = 60;

interface Props {
  of: "contact" | "official";
  id: string;
  name: string;
}

export function Unmask({ of, id, name }: Props) {
  const { t } = useTranslation("records");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button type="link" size="small" className={css.act} icon={<Eye size={13} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setIsOpen(true)}>
        {t("unmask.act")}
      </Button>
      {isOpen && <Dialog of={of} id={id} name={name} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function Dialog({ of, id, name, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation("records");
  const { labels } = useMeta();
  const [purpose, setPurpose] = useState<Purpose | null>(null);
  const act = useMutation({
    mutationFn: (body: { purpose: Purpose }) =>
      answerOf<Schemas["Unmasked"]>(
        of === "contact"
          ? api.POST("/api/v1/contacts/{contact_id}/unmasking", { params: { path: { contact_id: id } }, body })
          : api.POST("/api/v1/officials/{official_id}/unmasking", { params: { path: { official_id: id } }, body }),
      ),
    gcTime: 0,
  });
  const shown = act.data;
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(onClose, SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [shown, onClose]);
  return (
    <Modal
      open
      title={shown ? shown.name : `${t("unmask.title")} · ${name}`}
      onCancel={onClose}
      width={420}
      footer={
        shown ? (
          <Button onClick={onClose}>{t("unmask.hide")}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{t("common:cancel")}</Button>
            <Button type="primary" disabled={!purpose} loading={act.isPending} onClick={() => purpose && act.mutate({ purpose })}>
              {t("unmask.show")}
            </Button>
          </>
        )
      }
    >
      {shown ? (
        <dl className={css.shown}>
          {(["phone", "email"] as const).map(
            (field) =>
              shown[field] && (
                <div key={field}>
                  <dt>{t(`unmask.${field}`)}</dt>
                  <dd>
                    {shown[field]}
                    <Button type="link" size="small" onClick={() => void copy(shown[field]!)}>
                      {t("unmask.copy")}
                    </Button>
                  </dd>
                </div>
              ),
          )}
          {!shown.phone && !shown.email && <p>{t("unmask.nothing")}</p>}
        </dl>
      ) : (
        <>
          <Radio.Group
            aria-label={t("unmask.why")}
            className={css.purposes}
            value={purpose}
            options={labels("Purpose").map((one) => ({ value: one.code, label: said(one) }))}
            onChange={(event) => setPurpose(event.target.value as Purpose)}
          />
          <p className={css.hint}>{t("unmask.hint", { seconds: SECONDS })}</p>
          {act.error && (
            <p className={css.error} role="alert">
              {act.error.message}
            </p>
          )}
        </>
      )}
    </Modal>
  );
}
