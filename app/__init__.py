"""Five Ones 五个一: an investment-promotion bureau's working system."""

VERSION = "0.1.0"
