# adds a race to every loop that runs in parts: an element of rt_racy that all its iterations write
function balanced(s) { return gsub(/\(/, "(", s) == gsub(/\)/, ")", s) }
function seeded(head,  brace) {
  brace = sub(/ *\{ *$/, "", head)
  return head " if (++rt_racy[" n++ "]) " (brace ? "{" : "")
}
/^ *for \(int.*rt_first/ {
  do {
    head = $0
    while (!balanced(head) && (getline more) > 0) head = head more
    inner = head !~ /\{ *$/ && (getline) > 0 # of two that run as one, the inner
    outer = inner && $0 ~ /^ *for \(int.*rt_first/
    print outer ? head : seeded(head)
  } while (outer)
  if (!inner) next
}
{ print }
END { print "/* seeded " n " */" > "/dev/stderr" }
