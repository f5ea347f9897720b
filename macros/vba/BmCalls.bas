' Functions in cells: arguments to JSON, one request for a whole range, the answer back to what a cell shows.
Option Explicit

Public Const ROWS_AT_ONCE As Long = 4000
Public BmWhy As String

' An argument as it goes over the wire: a JSON text for one cell, an array of JSON rows for a range.
' A cell that holds an error comes back as that error.
Public Function BmArgument(Optional cell As Variant) As Variant
    Dim held As Variant
    If IsMissing(cell) Then
        BmArgument = "null"
        Exit Function
    End If
    If IsObject(cell) Then
        held = BmCells(cell)
    Else
        held = cell
    End If
    If IsArray(held) Then
        BmArgument = BmRows(held)
    ElseIf IsError(held) Then
        If CLng(held) = 448 Then BmArgument = "null" Else BmArgument = held
    Else
        BmArgument = BmJsonCell(held)
    End If
End Function

' The values of a range, a whole column cut down to the part in use.
Private Function BmCells(ByVal cells As Variant) As Variant
    Dim used As Object
    Set used = cells
    If cells.Rows.Count > 100000 Then
        Set used = Application.Intersect(cells, cells.Worksheet.UsedRange)
        If used Is Nothing Then Set used = cells.Cells(1, 1)
    End If
    On Error GoTo NoValue2
    BmCells = used.Value2
    Exit Function
NoValue2:
    BmCells = used.Value
End Function

Private Function BmRows(ByRef held As Variant) As Variant
    Dim rows() As String, cells() As String, r As Long, c As Long, flat As Boolean
    flat = Not BmHasColumns(held)
    ReDim rows(1 To UBound(held, 1) - LBound(held, 1) + 1)
    If flat Then
        ReDim cells(1 To UBound(rows))
        For r = 1 To UBound(rows)
            cells(r) = BmJsonCell(held(LBound(held, 1) + r - 1))
        Next r
        ReDim rows(1 To 1)
        rows(1) = "[" & Join(cells, ",") & "]"
    Else
        For r = 1 To UBound(rows)
            ReDim cells(1 To UBound(held, 2) - LBound(held, 2) + 1)
            For c = 1 To UBound(cells)
                cells(c) = BmJsonCell(held(LBound(held, 1) + r - 1, LBound(held, 2) + c - 1))
            Next c
            rows(r) = "[" & Join(cells, ",") & "]"
        Next r
    End If
    BmRows = rows
End Function

Private Function BmHasColumns(ByRef held As Variant) As Boolean
    Dim last As Long
    On Error GoTo OneDimension
    last = UBound(held, 2)
    BmHasColumns = True
    Exit Function
OneDimension:
    BmHasColumns = False
End Function

' What a cell shows for a function. `given` holds what BmArgument made; `whole` is True where a range is one argument.
Public Function BmCall(ByVal called As String, ByRef given As Variant, ByVal whole As Boolean) As Variant
    Dim one As Variant, tall As Long
    For Each one In given
        If IsError(one) Then
            BmCall = one
            Exit Function
        End If
        If IsArray(one) Then
            If UBound(one) > tall Then tall = UBound(one)
        End If
    Next one
    If whole Or tall <= ROWS_AT_ONCE Then
        BmCall = BmCallOnce(called, given, 1, tall)
    Else
        BmCall = BmCallInParts(called, given, tall)
    End If
End Function

Private Function BmCallInParts(ByVal called As String, ByRef given As Variant, ByVal tall As Long) As Variant
    Dim result() As Variant, part As Variant, first As Long, last As Long, wide As Long
    first = 1
    Do While first <= tall
        last = first + ROWS_AT_ONCE - 1
        If last > tall Then last = tall
        part = BmCallOnce(called, given, first, last)
        If Not IsArray(part) Then
            BmCallInParts = part
            Exit Function
        End If
        If first = 1 Then
            wide = UBound(part, 2)
            ReDim result(1 To tall, 1 To wide)
        End If
        BmCopyRows part, result, first
        first = last + 1
    Loop
    BmCallInParts = result
End Function

Private Sub BmCopyRows(ByRef part As Variant, ByRef result() As Variant, ByVal first As Long)
    Dim r As Long, c As Long
    For r = 1 To UBound(part, 1)
        For c = 1 To UBound(part, 2)
            result(first + r - 1, c) = part(r, c)
        Next c
    Next r
End Sub

Private Function BmCallOnce(ByVal called As String, ByRef given As Variant, ByVal first As Long, ByVal last As Long) As Variant
    Dim words() As String, i As Long, status As Long, answer As String, body As String
    body = ""
    If UBound(given) >= LBound(given) Then
        ReDim words(LBound(given) To UBound(given))
        For i = LBound(given) To UBound(given)
            words(i) = BmSlice(given(i), first, last)
        Next i
        body = Join(words, ",")
    End If
    body = "{""calls"":[[" & BmJsonText(called) & ",[" & body & "]]]}"
    answer = BmAsk("POST", "/v1/functions", body, status)
    If status <> 200 Then
        BmWhy = BmHubProblem(status)
        BmCallOnce = CVErr(2042)
        Exit Function
    End If
    BmCallOnce = BmResult(answer)
End Function

Private Function BmSlice(ByRef word As Variant, ByVal first As Long, ByVal last As Long) As String
    Dim rows() As String, r As Long
    If Not IsArray(word) Then
        BmSlice = word
        Exit Function
    End If
    If UBound(word) < last Or last < 1 Then
        first = 1
        last = UBound(word)
    End If
    ReDim rows(first To last)
    For r = first To last
        rows(r) = word(r)
    Next r
    BmSlice = "[" & Join(rows, ",") & "]"
End Function

Private Function BmResult(ByRef answer As String) As Variant
    Dim heard As Object, one As Object
    Set heard = BmJsonRead(answer)
    If heard Is Nothing Then
        BmResult = CVErr(2042)
        Exit Function
    End If
    Set one = heard.Item("results").Item(1)
    If BmHas(one, "value") Then
        BmResult = BmShown(one)
    Else
        BmResult = BmTable(one)
    End If
End Function

Private Function BmTable(ByVal rows As Object) As Variant
    Dim result() As Variant, r As Long, c As Long, row As Object
    ReDim result(1 To rows.Count, 1 To rows.Item(1).Count)
    For r = 1 To rows.Count
        Set row = rows.Item(r)
        For c = 1 To row.Count
            result(r, c) = BmShown(row.Item(c))
        Next c
    Next r
    BmTable = result
End Function

Private Function BmShown(ByVal one As Object) As Variant
    If BmTextOf(one, "error") <> "" Then
        BmWhy = BmTextOf(one, "message")
        BmShown = BmErrorValue(BmTextOf(one, "error"))
    ElseIf IsNull(one.Item("value")) Then
        BmShown = ""
    Else
        BmShown = one.Item("value")
    End If
End Function
