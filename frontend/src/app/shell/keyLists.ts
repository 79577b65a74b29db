/** The keys of the client by where they hold, for whoever looks for them. Pages declare those in force themselves
 * (`useKeys`); a test holds the two together. */
import type { Key } from "@/i18n/keys";

type Text = Key<"common">;

export interface KeyGroup {
  title: Text;
  keys: readonly (readonly [key: string, does: Text])[];
}

export const KEY_LISTS: readonly KeyGroup[] = [
  { title: "keys.everywhere", keys: [["Ctrl K", "shell.search"], ["?", "keys.list"]] },
  { title: "pages.workbench", keys: [["L", "workbench:register"], ["F", "workbench:followUp"]] },
  {
    title: "pages.cockpit",
    keys: [["[", "totals:period.previous"], ["]", "totals:period.next"], ["T", "cockpit:table"], ["P", "cockpit:print"]],
  },
  {
    title: "pages.board",
    keys: [
      ["ArrowDown", "board:key.down"],
      ["ArrowUp", "board:key.up"],
      ["ArrowRight", "board:key.right"],
      ["ArrowLeft", "board:key.left"],
      ["M", "board:key.move"],
      ["F", "board:key.followUp"],
      ["Enter", "board:key.open"],
    ],
  },
  {
    title: "keys.lists",
    keys: [
      ["/", "filters:search"],
      ["J", "table.next"],
      ["K", "table.previous"],
      ["X", "table.select"],
      ["E", "table.edit"],
      ["Enter", "table.open"],
    ],
  },
  {
    title: "keys.project",
    keys: [
      ["F", "project:key.followUp"],
      ["M", "project:key.move"],
      ["E", "project:key.edit"],
      ["G", "project:key.gates"],
      ["P", "project:key.print"],
    ],
  },
  { title: "pages.leads", keys: [["L", "leads:register"], ["M", "keys.nextAct"], ["E", "leads:act.edit"]] },
  { title: "pages.deals", keys: [["N", "deals:draft"]] },
  { title: "keys.records", keys: [["E", "edit"]] },
];
