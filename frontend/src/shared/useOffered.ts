/** What a chooser offers before anything is typed: the records of its kind that were seen last, then the beginning of
 * their list, which is read when the chooser is first opened. */
import { useQuery } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { useSeen } from "./seen";

type Kind = Schemas["Kind"] | "referrer";
type Accepts = (record: { id: string }) => boolean;

export interface Choice {
  value: string;
  label: string;
  note: string;
}

export interface Choices {
  label: string;
  options: Choice[];
}

interface Page<Row> {
  items: readonly Row[];
  next_cursor: string | null;
}

interface Beginning {
  choices: Choice[];
  isWhole: boolean;
}

const FIRST = 20;
const SEEN = 5;
const NEWEST: ReadonlySet<Kind> = new Set<Kind>(["project", "lead", "deal"]);
const limit = FIRST;

/** A record that a chooser may offer, with what tells of some that they are no more. */
interface Listed {
  id: string;
  merged_into_id?: string | null;
  closed_on?: string | null;
  status?: string;
}

function of<Row extends Listed>(page: Page<Row>, label: (row: Row) => string, ...notes: ((row: Row) => string | null | undefined | false)[]): Beginning {
  const items = page.items.filter((row) => !row.merged_into_id && !row.closed_on && row.status !== "merged");
  const choices = items.map((row) => ({ value: row.id, label: label(row), note: notes.map((note) => note(row)).filter(Boolean).join(" · ") }));
  return { choices, isWhole: page.next_cursor === null };
}

const LISTS: Record<Kind, (words: ReturnType<typeof useMeta>, today: string) => Promise<Beginning>> = {
  project: async () =>
    of(
      await answerOf(api.GET("/api/v1/projects", { params: { query: { limit, sort: "-updated_at" } } })),
      nameOf,
      (row) => shortNameOf(row.unit),
      (row) => nameOf(row.investor),
    ),
  lead: async () =>
    of(
      await answerOf(api.GET("/api/v1/leads", { params: { query: { limit, sort: "-updated_at" } } })),
      nameOf,
      (row) => shortNameOf(row.unit ?? row.first_unit),
      (row) => nameOf(row.investor),
    ),
  deal: async () =>
    of(
      await answerOf(api.GET("/api/v1/deals", { params: { query: { limit, sort: "-updated_at" } } })),
      (row) => row.title,
      (row) => row.project_name,
      (row) => row.agreement_no,
    ),
  enterprise: async () => of(await answerOf(api.GET("/api/v1/enterprises", { params: { query: { limit } } })), nameOf, (row) => row.registered_place ?? row.credit_code),
  official: async (_, today) =>
    of(await answerOf(api.GET("/api/v1/officials", { params: { query: { limit } } })), nameOf, ({ posts }) => {
      const held = posts.filter((post) => post.started_on <= today && (!post.ended_on || post.ended_on >= today));
      const post = held.find((one) => one.is_top_leader) ?? held[0];
      return post && `${post.unit_name} · ${post.title}`;
    }),
  unit: async ({ label }) => of(await answerOf(api.GET("/api/v1/units", { params: { query: { limit } } })), nameOf, (row) => said(label("UnitKind", row.kind))),
  task_force: async () => of(await answerOf(api.GET("/api/v1/task-forces", { params: { query: { limit } } })), nameOf, (row) => shortNameOf(row.lead_unit)),
  referrer: async ({ label }) =>
    of(
      await answerOf(api.GET("/api/v1/referrers", { params: { query: { limit } } })),
      nameOf,
      (row) => said(label("ReferrerKind", row.kind)),
      (row) => row.organization,
    ),
};

export interface Offered {
  groups: (Choice | Choices)[];
  /** Those of all groups. */
  choices: Choice[];
  isReading: boolean;
}

export function useOffered(kind: Kind, isOpened: boolean, accepts: Accepts = () => true): Offered {
  const { t } = useTranslation("common");
  const today = useToday();
  const words = useMeta();
  const seen = useSeen().filter((one) => one.type === kind && accepts(one));
  const list = useQuery({ queryKey: ["offered", kind, today], queryFn: () => LISTS[kind](words, today), enabled: isOpened });
  const first = seen.slice(0, SEEN).map((one) => ({ value: one.id, label: one.name, note: one.code ?? "" }));
  const taken = new Set(first.map((one) => one.value));
  const rest = (list.data?.choices ?? []).filter((one) => !taken.has(one.value) && accepts({ id: one.value }));
  const heading = list.data?.isWhole ? t("ref.all") : t(NEWEST.has(kind) ? "ref.newest" : "ref.first", { most: FIRST });
  const groups = [
    { label: t("ref.seen"), options: first },
    { label: heading, options: rest },
  ];
  return { groups: groups.filter((group) => group.options.length > 0), choices: [...first, ...rest], isReading: list.isFetching };
}
