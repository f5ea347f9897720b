' JSON to and from VBA values. Pure: no file, no network, no application object.
' Objects become Collections with keys, arrays Collections without, null becomes Null.
' What is written is ASCII only, so that no code page of any machine matters.
Option Explicit

Public Function BmJsonText(ByVal shown As String) As String
    Dim parts() As String, i As Long, one As String, code As Long
    If Len(shown) = 0 Then
        BmJsonText = """"""
        Exit Function
    End If
    ReDim parts(1 To Len(shown))
    For i = 1 To Len(shown)
        one = Mid(shown, i, 1)
        code = AscW(one)
        If code < 0 Then code = code + 65536
        If code = 34 Or code = 92 Then
            one = "\" & one
        ElseIf code < 32 Or code > 126 Then
            one = "\u" & Right("000" & Hex(code), 4)
        End If
        parts(i) = one
    Next i
    BmJsonText = """" & Join(parts, "") & """"
End Function

Public Function BmJsonNumber(ByVal number As Double) As String
    Dim shown As String
    shown = Trim(Str(number))
    If Left(shown, 1) = "." Then shown = "0" & shown
    If Left(shown, 2) = "-." Then shown = "-0" & Mid(shown, 2)
    BmJsonNumber = shown
End Function

' One cell as JSON; an error value as the text a sheet shows for it.
Public Function BmJsonCell(ByVal cell As Variant) As String
    If IsError(cell) Then
        BmJsonCell = BmJsonText(BmErrorText(cell))
    ElseIf IsNull(cell) Or IsEmpty(cell) Then
        BmJsonCell = "null"
    ElseIf VarType(cell) = vbBoolean Then
        BmJsonCell = IIf(cell, "true", "false")
    ElseIf VarType(cell) = vbString Then
        BmJsonCell = BmJsonText(CStr(cell))
    Else
        BmJsonCell = BmJsonNumber(CDbl(cell))
    End If
End Function

Public Function BmErrorText(ByVal wrong As Variant) As String
    Select Case CLng(wrong)
        Case 2042: BmErrorText = "#N/A"
        Case 2036: BmErrorText = "#NUM!"
        Case Else: BmErrorText = "#VALUE!"
    End Select
End Function

Public Function BmErrorValue(ByVal shown As String) As Variant
    Select Case shown
        Case "#N/A": BmErrorValue = CVErr(2042)
        Case "#NUM!": BmErrorValue = CVErr(2036)
        Case Else: BmErrorValue = CVErr(2015)
    End Select
End Function

' The object or array a JSON text holds; Nothing for a text that is neither.
Public Function BmJsonRead(ByRef source As String) As Object
    Dim place As Long, found As Variant
    Set BmJsonRead = Nothing
    On Error GoTo Unreadable
    place = 1
    BmReadValue source, place, found
    If IsObject(found) Then Set BmJsonRead = found
    Exit Function
Unreadable:
    Set BmJsonRead = Nothing
End Function

Public Function BmHas(ByVal room As Object, ByVal key As String) As Boolean
    Dim kind As String
    On Error GoTo Missing
    kind = TypeName(room.Item(key))
    BmHas = True
    Exit Function
Missing:
    BmHas = False
End Function

' A text of an object; "" where it is missing or null.
Public Function BmTextOf(ByVal room As Object, ByVal key As String) As String
    If Not BmHas(room, key) Then Exit Function
    If IsObject(room.Item(key)) Then Exit Function
    If IsNull(room.Item(key)) Then Exit Function
    BmTextOf = CStr(room.Item(key))
End Function

Private Sub BmReadValue(ByRef source As String, ByRef place As Long, ByRef found As Variant)
    BmSkipBlanks source, place
    Select Case Mid(source, place, 1)
        Case "{", "["
            Set found = BmReadMany(source, place)
        Case """"
            found = BmReadText(source, place)
        Case "t"
            found = True
            place = place + 4
        Case "f"
            found = False
            place = place + 5
        Case "n"
            found = Null
            place = place + 4
        Case Else
            found = BmReadNumber(source, place)
    End Select
End Sub

Private Function BmReadMany(ByRef source As String, ByRef place As Long) As Collection
    Dim many As Collection, last As String, named As Boolean
    Set many = New Collection
    named = (Mid(source, place, 1) = "{")
    last = IIf(named, "}", "]")
    place = place + 1
    BmSkipBlanks source, place
    If Mid(source, place, 1) = last Then
        place = place + 1
        Set BmReadMany = many
        Exit Function
    End If
    Do
        BmReadOne source, place, named, many
        BmSkipBlanks source, place
        place = place + 1
        If Mid(source, place - 1, 1) = last Then Exit Do
        If Mid(source, place - 1, 1) <> "," Then Err.Raise 5
    Loop
    Set BmReadMany = many
End Function

Private Sub BmReadOne(ByRef source As String, ByRef place As Long, ByVal named As Boolean, ByVal many As Collection)
    Dim one As Variant, key As String
    If named Then
        BmSkipBlanks source, place
        key = BmReadText(source, place)
        BmSkipBlanks source, place
        If Mid(source, place, 1) <> ":" Then Err.Raise 5
        place = place + 1
    End If
    BmReadValue source, place, one
    If named Then
        many.Add one, key
    Else
        many.Add one
    End If
End Sub

Private Function BmReadText(ByRef source As String, ByRef place As Long) As String
    Dim shown As String, piece As String, quote As Long, slash As Long
    If Mid(source, place, 1) <> """" Then Err.Raise 5
    place = place + 1
    Do
        quote = InStr(place, source, """")
        If quote = 0 Then Err.Raise 5
        piece = Mid(source, place, quote - place)
        slash = InStr(piece, "\")
        If slash = 0 Then Exit Do
        shown = shown & Left(piece, slash - 1) & BmUnescaped(source, place + slash - 1, place)
    Loop
    BmReadText = shown & piece
    place = quote + 1
End Function

' The character an escape stands for; `place` moves behind it.
Private Function BmUnescaped(ByRef source As String, ByVal slash As Long, ByRef place As Long) As String
    place = slash + 2
    Select Case Mid(source, slash + 1, 1)
        Case "n": BmUnescaped = vbLf
        Case "r": BmUnescaped = vbCr
        Case "t": BmUnescaped = vbTab
        Case "b": BmUnescaped = Chr(8)
        Case "f": BmUnescaped = Chr(12)
        Case "u"
            BmUnescaped = BmFromHex(Mid(source, slash + 2, 4))
            place = slash + 6
        Case Else: BmUnescaped = Mid(source, slash + 1, 1)
    End Select
End Function

Private Function BmReadNumber(ByRef source As String, ByRef place As Long) As Double
    Dim first As Long
    first = place
    Do While InStr("+-0123456789.eE", Mid(source, place, 1)) > 0 And place <= Len(source)
        place = place + 1
    Loop
    If place = first Then Err.Raise 5
    BmReadNumber = Val(Mid(source, first, place - first))
End Function

Private Sub BmSkipBlanks(ByRef source As String, ByRef place As Long)
    Do While InStr(" " & vbTab & vbCr & vbLf, Mid(source, place, 1)) > 0 And place <= Len(source)
        place = place + 1
    Loop
End Sub

' Text from groups of four hexadecimal digits, one for each UTF-16 unit: how Chinese stands in ASCII sources.
Public Function BmFromHex(ByVal digits As String) As String
    Dim i As Long, shown As String
    For i = 1 To Len(digits) Step 4
        shown = shown & ChrW(CLng("&H" & Mid(digits, i, 4) & "&"))
    Next i
    BmFromHex = shown
End Function

' Text from UTF-8 bytes, `count` of them from the first on.
Public Function BmFromUtf8(ByRef bytes() As Byte, ByVal count As Long) As String
    Dim parts() As String, i As Long, used As Long, code As Long
    If count < 1 Then Exit Function
    ReDim parts(1 To count)
    i = LBound(bytes)
    count = i + count
    Do While i < count
        used = used + 1
        code = bytes(i)
        If code < 128 Then
            i = i + 1
        ElseIf code < 224 Then
            code = (code And 31) * 64 + (bytes(i + 1) And 63)
            i = i + 2
        ElseIf code < 240 Then
            code = (code And 15) * 4096 + (bytes(i + 1) And 63) * 64 + (bytes(i + 2) And 63)
            i = i + 3
        Else
            code = (code And 7) * 262144 + (bytes(i + 1) And 63) * 4096& + (bytes(i + 2) And 63) * 64 + (bytes(i + 3) And 63)
            code = code - 65536
            parts(used) = ChrW(55296 + code \ 1024)
            code = 56320 + (code And 1023)
            i = i + 4
        End If
        parts(used) = parts(used) & ChrW(code)
    Loop
    BmFromUtf8 = Join(parts, "")
End Function
