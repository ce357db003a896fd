"""A light reader of C++ source: enough to blank out comments and literals and to find the extent of function bodies.

It is a heuristic, made to have no false positives on this tree: what it does not recognise it does not report.
"""

import re

LITERAL = re.compile(
    r'//[^\n]*'                                             # a comment to the end of the line
    r'|/\*.*?\*/'                                           # a block comment
    r'|\b(?:u8|u|U|L)?R"(?P<tag>[^()\\ \n]{0,16})\(.*?\)(?P=tag)"'  # a raw string
    r'|"(?:\\.|[^"\\\n])*"'                                 # a string
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",               # a character, but not a digit separator
    re.DOTALL)
SCOPE = re.compile(r"^(?:\[\[.*?\]\]\s*)*(?:inline\s+|export\s+|typedef\s+|static\s+|const\s+|constexpr\s+)*"
                   r"(namespace|class|struct|union|enum|extern)\b", re.DOTALL)
ACCESS = re.compile(r"^\s*(?:(?:public|private|protected)\s*:(?!:)\s*)+")
NOT_A_FUNCTION = re.compile(r"^(?:if|for|while|switch|do|else|try|catch|return|co_return|case|default)\b")


def blank_out(text):
    """The text with comments and literals turned into spaces; every line keeps its number."""
    def blank(match):
        kept = match.group(0)
        if kept.startswith(("/", "'")):
            return re.sub(r"[^\n]", " ", kept)
        return '"' + re.sub(r"[^\n]", " ", kept[1:-1]) + '"'
    return LITERAL.sub(blank, text)


def without_preprocessor(code):
    """Preprocessor lines, with their continuations, turned into empty lines."""
    out, continued = [], False
    for line in code.split("\n"):
        directive = continued or line.lstrip().startswith("#")
        continued = directive and line.endswith("\\")
        out.append("" if directive else line)
    return "\n".join(out)


def strip_template(header):
    """The header without leading `template <...>` clauses and access labels."""
    while True:
        header = ACCESS.sub("", header).strip()
        if not re.match(r"template\s*<", header):
            return header
        depth = 0
        for index, char in enumerate(header):
            if char == "<":
                depth += 1
            elif char == ">" and header[index - 1] != "-":
                depth -= 1
                if depth == 0:
                    header = header[index + 1:]
                    break
        else:
            return header


def top_level_assignment(header):
    """Whether the header has an `=` outside parentheses, as an initializer has and a function's signature has not."""
    depth = 0
    bare = re.sub(r"operator\s*[=!<>+\-*/%&|^]*=+", "operator", header)
    for index, char in enumerate(bare):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "=" and depth == 0 and bare[index - 1:index] not in ("=", "!", "<", ">") \
                and bare[index + 1:index + 2] != "=":
            return True
    return False


def kind_of(header):
    """What the `{` after this header opens: 'scope', 'function' or 'other'."""
    header = strip_template(header)
    if SCOPE.match(header):
        return "scope"
    if "(" not in header or NOT_A_FUNCTION.match(header) or top_level_assignment(header):
        return "other"
    return "function"


def function_name(header):
    match = re.search(r"((?:\w+::)*(?:operator\s*[^\s\w(]+|[~\w:]+))\s*\(", strip_template(header))
    return match.group(1).strip() if match else "a function"


def functions(text):
    """(name, first line, last line) of every function body that stands in a namespace or a class."""
    code = without_preprocessor(blank_out(text))
    found, stack = [], []
    header_start, parens, line = 0, 0, 1
    for index, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "(":
            parens += 1
        elif char == ")":
            parens = max(0, parens - 1)
        elif char == "{":
            header = ACCESS.sub("", code[header_start:index])
            in_scope = all(entry[0] == "scope" for entry in stack)
            kind = kind_of(header) if in_scope and parens == 0 else "other"
            first = line - header.lstrip().count("\n")
            stack.append((kind, function_name(header) if kind == "function" else "", first, parens, header_start))
            if parens == 0:
                header_start = index + 1
            parens = 0
        elif char == "}" and stack:
            kind, name, first, parens, outer_start = stack.pop()
            if kind == "function":
                found.append((name, first, line))
            header_start = index + 1 if parens == 0 else outer_start
        elif char == ";" and parens == 0:
            header_start = index + 1
    return found
