import { Link } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { parseSearch } from "@/app/search";

type Props = Omit<ComponentProps<"a">, "href"> & { href: string };

/** A link to a page of the client by its whole address, such as `/projects?stage=signed`. */
export function To({ href, ...rest }: Props) {
  const [path = "/", text = ""] = href.split("?");
  return <Link to={path} search={parseSearch(text) as never} preload="intent" {...rest} />;
}

/** Where the rows of an address of the API are shown. */
const ROOMS: readonly [RegExp, string][] = [
  [/^projects$/, "/projects"],
  [/^pipeline\/board\/cards$/, "/projects"],
  [/^leads$/, "/leads"],
  [/^deals$/, "/deals"],
  [/^milestones$/, "/milestones"],
  [/^five-ones\/gaps$/, "/gaps"],
  [/^totals\/signings\/entries$/, "/rows/signings"],
  [/^totals\/funnel\/rows$/, "/rows/funnel"],
  [/^totals\/([a-z-]+)\/rows$/, "/rows/$1"],
  [/^task-forces$/, "/task-forces"],
  [/^inbox$/, "/admin/inbox"],
];

/** Returns the page that shows the rows of an address of the API (`rows_url`, `entries_url`, …); null for none. */
export function pageOf(url: string | null | undefined): string | null {
  if (!url) return null;
  const [path = "", query] = url.replace(/^\/api\/v1\//, "").split("?");
  for (const [pattern, page] of ROOMS) {
    if (pattern.test(path)) return path.replace(pattern, page) + (query ? `?${query}` : "");
  }
  return null;
}
