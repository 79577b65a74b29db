"""Lists, boards, facets and exports of projects, leads and deals: each over one filter."""
