"""The foundation of all rooms; imports none of them."""
