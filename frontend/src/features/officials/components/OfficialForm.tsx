import { api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { type SheetField, SheetForm, type Values } from "@/shared/forms/SheetForm";
import type { Official, Post } from "../api";

type Read = Schemas["OfficialRead"];

interface Props {
  open: boolean;
  onClose: () => void;
  official?: Official;
  onDone?: (made: Read) => void;
}

/** The fields of a post. */
function usePostFields(required: boolean): SheetField[] {
  const { t } = useTranslation("officials");
  const wanted = (values: Values) => required || Boolean(values.unit_id);
  return [
    { kind: "record", name: "unit_id", label: t("unit"), record: "unit", required },
    { kind: "text", name: "title", label: t("job"), hint: t("jobHint"), required: true, when: wanted },
    { kind: "day", name: "started_on", label: t("from"), required: true, when: wanted },
    { kind: "flag", name: "is_top_leader", label: t("topLeader"), hint: t("topLeaderHint"), when: wanted },
  ];
}

function postOf(values: Values): Schemas["PostCreate"] {
  return {
    unit_id: values.unit_id as string,
    title: values.title as string,
    started_on: values.started_on as string,
    is_top_leader: Boolean(values.is_top_leader),
  };
}

/** Registers an official with a first post, or edits one. A phone is never shown and only ever replaced: no draft. */
export function OfficialForm({ open, onClose, official, onDone }: Props) {
  const { t } = useTranslation("officials");
  const { field } = useMeta();
  const posts = usePostFields(false);
  const of = (name: string) => said(field("official", name));
  const fields: SheetField[] = [
    { kind: "text", name: "name", label: of("name"), required: true },
    {
      kind: "text",
      name: "phone",
      label: t("phone"),
      hint: official?.phone_masked ? t("phoneHint", { phone: official.phone_masked }) : undefined,
      inputMode: "tel",
      maxLength: 64,
    },
    ...(official ? [] : [...posts, { kind: "flag" as const, name: "is_illustrative", label: of("is_illustrative") }]),
  ];
  return (
    <SheetForm<Read>
      open={open}
      onClose={onClose}
      title={official ? t("edit") : t("new")}
      submit={official ? t("common:save") : t("new")}
      fields={fields}
      initial={official && { name: official.name }}
      version={official?.version}
      act={(values, changes, { header, headers }) =>
        official
          ? api.PATCH("/api/v1/officials/{official_id}", { params: { path: { official_id: official.id }, header }, body: changes as Schemas["OfficialUpdate"] })
          : api.POST("/api/v1/officials", {
              body: {
                name: values.name as string,
                phone: values.phone as string | null,
                is_illustrative: Boolean(values.is_illustrative),
                posts: values.unit_id ? [postOf(values)] : [],
              },
              headers,
            })
      }
      onDone={onDone}
    />
  );
}

export function PostForm({ open, onClose, official }: { open: boolean; onClose: () => void; official: Official }) {
  const { t } = useTranslation("officials");
  const today = useToday();
  return (
    <SheetForm<Read>
      open={open}
      onClose={onClose}
      title={t("addPost")}
      submit={t("addPost")}
      draft={`post.${official.id}`}
      fields={usePostFields(true)}
      initial={{ started_on: today }}
      act={(values, _, { headers }) =>
        api.POST("/api/v1/officials/{official_id}/posts", { params: { path: { official_id: official.id } }, body: postOf(values), headers })
      }
    />
  );
}

export function PostEndForm({ onClose, official, post }: { onClose: () => void; official: Official; post: Post | null }) {
  const { t } = useTranslation("officials");
  const today = useToday();
  if (!post) return null;
  return (
    <SheetForm<Read>
      open
      isShort
      onClose={onClose}
      title={t("endPostTitle", { unit: post.unit_name, title: post.title })}
      note={t("endPostText")}
      submit={t("endPost")}
      fields={[{ kind: "day", name: "ended_on", label: t("until"), required: true, min: post.started_on }]}
      initial={{ ended_on: today }}
      version={official.version}
      act={(values, _, { header, headers }) =>
        api.POST("/api/v1/officials/{official_id}/posts/{post_id}/end", {
          params: { path: { official_id: official.id, post_id: post.id }, header },
          body: values as unknown as Schemas["PostEnd"],
          headers,
        })
      }
    />
  );
}
